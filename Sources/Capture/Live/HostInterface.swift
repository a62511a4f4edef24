#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An interface of this host, as the system knows it.
struct HostInterface {
    var addresses: [CaptureInterface.Address] = []
    /// The hardware address, six octets in the lowest places; nil for interfaces without one.
    var hardwareAddress: UInt64?
    var isLoopback = false

    /// What is known of an interface by name. Loopback and `any` carry the packets to all addresses of the host.
    static func named(_ name: String) -> HostInterface {
        let all = all()
        var found = all[name] ?? HostInterface()
        if found.isLoopback || all[name] == nil {
            found.addresses = all.keys.sorted().flatMap { all[$0]?.addresses ?? [] }
            found.hardwareAddress = nil
        }
        return found
    }

    /// All interfaces with addresses of any kind.
    static func all() -> [String: HostInterface] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { return [:] }
        defer { unsafe freeifaddrs(first) }
        var interfaces: [String: HostInterface] = [:]
        var next = unsafe first
        while let entry = unsafe next {
            let name = unsafe String(cString: entry.pointee.ifa_name)
            let flags = unsafe entry.pointee.ifa_flags
            unsafe interfaces[name, default: HostInterface()].take(entry.pointee.ifa_addr, entry.pointee.ifa_netmask)
            if flags & loopbackFlag != 0 { interfaces[name]?.isLoopback = true }
            unsafe next = unsafe entry.pointee.ifa_next
        }
        return interfaces
    }

    private mutating func take(_ address: UnsafeMutablePointer<sockaddr>?, _ mask: UnsafeMutablePointer<sockaddr>?) {
        guard let address = unsafe address else { return }
        let family = unsafe Int32(address.pointee.sa_family)
        switch family {
        case AF_INET:
            guard let octets = unsafe SocketAddress.octets(address, at: 4, count: 4) else { return }
            let bits = unsafe SocketAddress.octets(mask, at: 4, count: 4) ?? 0xFFFF_FFFF
            addresses.append(.ipv4(UInt32(truncatingIfNeeded: octets), mask: UInt32(truncatingIfNeeded: bits)))
        case AF_INET6:
            guard let high = unsafe SocketAddress.octets(address, at: 8, count: 8),
                let low = unsafe SocketAddress.octets(address, at: 16, count: 8)
            else { return }
            let highMask = unsafe SocketAddress.octets(mask, at: 8, count: 8) ?? .max
            let lowMask = unsafe SocketAddress.octets(mask, at: 16, count: 8) ?? .max
            addresses.append(
                .ipv6(
                    high: high, low: low,
                    prefixLength: UInt8(highMask.nonzeroBitCount + lowMask.nonzeroBitCount)))
        case SocketAddress.packetFamily:
            // sockaddr_ll: family, protocol, index, hardware type, packet type, length of the address, address.
            guard unsafe SocketAddress.octets(address, at: 11, count: 1) == 6,
                let octets = unsafe SocketAddress.octets(address, at: 12, count: 6), octets != 0
            else { return }
            hardwareAddress = octets
        default:
            return
        }
    }
}

/// Addresses as the system's calls hand them out: a family, and octets that depend on it.
enum SocketAddress {
    #if os(Linux)
    /// AF_PACKET.
    static let packetFamily: Int32 = 17
    #else
    static let packetFamily: Int32 = -1
    #endif

    /// Up to eight octets as a number in network order; nil if there is no address.
    static func octets(_ address: UnsafeMutablePointer<sockaddr>?, at offset: Int, count: Int) -> UInt64? {
        guard let address = unsafe address else { return nil }
        // The caller knows the family, and with it that so many octets are there.
        let start = UnsafeRawPointer(address)
        var number: UInt64 = 0
        for place in offset..<offset + count {
            number = unsafe number << 8 | UInt64(start.load(fromByteOffset: place, as: UInt8.self))
        }
        return number
    }
}

/// IFF_LOOPBACK, which some C libraries define in a way that cannot be imported.
private let loopbackFlag: UInt32 = 0x8
