import CPcap

/// An interface of this host, and whether it can be captured.
public struct InterfaceStatus: Hashable, Sendable {
    public var name: String
    /// What libpcap calls it, or nil.
    public var description: String?
    public var addresses: [CaptureInterface.Address]
    public var isUp: Bool
    /// The link type of its frames as programs number it (DLT_); nil if it could not be opened.
    public var dataLinkType: Int32?
    /// Why it cannot be captured; nil if it can.
    public var obstacle: LiveCaptureError?

    /// All interfaces that can carry TCP, in libpcap's order: those that are up and running first.
    ///
    /// Each is opened for a moment to see whether it can be.
    ///
    /// - Throws: `cannotOpen` if libpcap cannot list them.
    public static func all() throws(LiveCaptureError) -> [InterfaceStatus] {
        var first: UnsafeMutablePointer<pcap_if_t>?
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard unsafe pcap_findalldevs(&first, &text) == 0 else {
            throw .cannotOpen(interface: "the list of interfaces", reason: unsafe String(cString: &text))
        }
        defer { unsafe pcap_freealldevs(first) }
        var found: [InterfaceStatus] = []
        var next = unsafe first
        while let device = unsafe next {
            let name = unsafe String(cString: device.pointee.name)
            if !isBus(name) {
                let words = unsafe device.pointee.description.map { unsafe String(cString: $0) }
                let isUp = unsafe device.pointee.flags & UInt32(PCAP_IF_UP) != 0
                found.append(look(name, words, isUp: isUp))
            }
            unsafe next = unsafe device.pointee.next
        }
        return found
    }

    private static func look(_ name: String, _ description: String?, isUp: Bool) -> InterfaceStatus {
        var status = InterfaceStatus(
            name: name, description: description, addresses: HostInterface.named(name).addresses, isUp: isUp)
        do throws(LiveCaptureError) {
            var options = LiveOptions()
            options.bufferSize = 1
            status.dataLinkType = try LiveInterface(name, options).dataLinkType
        } catch {
            status.obstacle = error
        }
        return status
    }

    /// What libpcap lists and is no network: buses, and the queues of the firewall.
    private static func isBus(_ name: String) -> Bool {
        ["usbmon", "bluetooth", "dbus", "nflog", "nfqueue"].contains { name.hasPrefix($0) }
    }
}
