// swift-tools-version: 6.2
import PackageDescription

/// What every target is built with: Swift 6 language mode comes with the tools version, the rest is named here.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
]

/// The modules that do no input and output: there a warning is an error.
let pure: [SwiftSetting] = strict + [.treatAllWarnings(as: .error)]

// Ground floor first: a module imports only from the floors below it (Docs/architecture.md).
let package = Package(
    name: "postel",
    products: [
        .executable(name: "postel", targets: ["postel"]),
        .library(name: "TCPStateMachine", targets: ["TCPStateMachine"]),
        .library(name: "WireFormat", targets: ["WireFormat"]),
        .library(name: "Capture", targets: ["Capture"]),
        .library(name: "Flows", targets: ["Flows"]),
        .library(name: "Replay", targets: ["Replay"]),
        .library(name: "Simulation", targets: ["Simulation"]),
        .library(name: "KernelSockets", targets: ["KernelSockets"]),
        .library(name: "TeachingMaterial", targets: ["TeachingMaterial"]),
        .library(name: "CrossCheck", targets: ["CrossCheck"]),
        .library(name: "Reports", targets: ["Reports"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(name: "TCPStateMachine", swiftSettings: pure),
        .target(name: "WireFormat", dependencies: ["TCPStateMachine"], swiftSettings: pure),
        .systemLibrary(
            name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"]), .brew(["libpcap"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(name: "Capture", dependencies: ["CPcap", "CZlib"], swiftSettings: strict),
        .systemLibrary(name: "CPrefetch"),
        .target(name: "Flows", dependencies: ["CPrefetch", "TCPStateMachine", "WireFormat"], swiftSettings: pure),
        .target(
            name: "Replay", dependencies: ["Capture", "Flows", "WireFormat", "TCPStateMachine"],
            swiftSettings: strict),
        .systemLibrary(name: "CLinux"),
        .target(
            name: "Simulation", dependencies: ["Capture", "WireFormat", "TCPStateMachine"], swiftSettings: strict),
        .target(
            name: "KernelSockets", dependencies: ["CLinux", "WireFormat", "TCPStateMachine"], swiftSettings: strict),
        .target(
            name: "TeachingMaterial",
            dependencies: ["Simulation", "TCPStateMachine", .product(name: "Yams", package: "Yams")],
            resources: [.embedInCode("Vocabulary")], swiftSettings: strict),
        .target(
            name: "CrossCheck", dependencies: ["Flows", "KernelSockets", "WireFormat", "TCPStateMachine"],
            swiftSettings: pure),
        .target(
            name: "Reports",
            dependencies: [
                "Replay", "Simulation", "TeachingMaterial", "Flows", "CrossCheck", "KernelSockets", "Capture", "WireFormat",
                "TCPStateMachine",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "postel",
            dependencies: [
                "Reports", "Replay", "Simulation", "TeachingMaterial", "Flows", "CrossCheck", "KernelSockets", "CLinux",
                "Capture", "WireFormat", "TCPStateMachine",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TCPStateMachineTests", dependencies: ["TCPStateMachine", "TestSupport"], exclude: ["Golden"],
            swiftSettings: strict),
        .testTarget(
            name: "WireFormatTests", dependencies: ["WireFormat", "TCPStateMachine", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "KernelSocketsTests", dependencies: ["KernelSockets", "WireFormat", "TCPStateMachine", "TestSupport"],
            exclude: ["Support/every-state.py", "Support/conversation.py", "Support/load.py"], swiftSettings: strict),
        .testTarget(
            name: "CrossCheckTests",
            dependencies: [
                "CrossCheck", "Reports", "Replay", "Flows", "KernelSockets", "Capture", "WireFormat",
                "TCPStateMachine", "TestSupport",
            ],
            exclude: ["Golden", "Support/diagnoses.py", "Support/load.py"], swiftSettings: strict),
        .testTarget(
            name: "CaptureTests", dependencies: ["Capture", "WireFormat", "TCPStateMachine", "TestSupport"],
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["Simulation", "WireFormat", "TCPStateMachine"],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "ReplayTests",
            dependencies: ["Replay", "Flows", "Capture", "WireFormat", "TCPStateMachine", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Simulation", "Capture", "WireFormat", "TCPStateMachine", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "TeachingMaterialTests",
            dependencies: ["TeachingMaterial", "Reports", "Simulation", "TCPStateMachine", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "Reports", "Replay", "Simulation", "Flows", "KernelSockets", "WireFormat", "TCPStateMachine", "TestSupport",
            ],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "PostelTests", dependencies: ["postel", "Flows", "KernelSockets", "TCPStateMachine", "TestSupport"],
            exclude: ["Golden", "Support/talk.py"], swiftSettings: strict),
        .testTarget(
            name: "FlowsTests", dependencies: ["Flows", "WireFormat", "TCPStateMachine", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "PeerTests",
            dependencies: ["Replay", "Flows", "Capture", "WireFormat", "TCPStateMachine", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DamageTests",
            dependencies: ["Reports", "Replay", "Flows", "Capture", "postel", "TestSupport"],
            exclude: ["measure.py"], swiftSettings: strict),
        .target(
            name: "InferenceJudge", dependencies: ["Reports", "Simulation", "Flows", "WireFormat", "TCPStateMachine"],
            path: "Tests/InferenceJudge", swiftSettings: strict),
        .testTarget(
            name: "JudgeTests",
            dependencies: [
                "InferenceJudge", "Simulation", "Flows", "Capture", "WireFormat", "TCPStateMachine", "TestSupport",
            ],
            exclude: ["Golden"],
            swiftSettings: strict),
    ]
)
