import CLinux

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Gives up what is no longer needed once interfaces are open: packets come from anybody, and whoever reads them should
/// be able to do little.
enum Privileges {
    /// Why they were not given up.
    enum Failure: Error {
        case noSuchUser(String)
        case refused(operation: String, number: Int32)

        var message: String {
            switch self {
            case .noSuchUser(let name):
                "--user \(name): there is no such user."
            case .refused(let operation, let number):
                """
                The privileges cannot be given up: \(operation): \(unsafe String(cString: strerror(number))).
                Nothing is captured with more rights than it takes. Choose another user with --user.
                """
            }
        }
    }

    private struct Account {
        var name: String
        var user: uid_t
        var group: gid_t
    }

    /// Becomes another user for good, and gives up all capabilities.
    ///
    /// - Parameter user: its name; nil is the user who called sudo. Root that nobody called by sudo stays root.
    static func drop(to user: String?) throws(Failure) {
        if geteuid() == 0, let account = try account(user) { try become(account) }
        if geteuid() != 0 { try dropCapabilities() }
        // No program that it starts can have more.
        _ = postel_forbid_new_privileges()
    }

    private static func account(_ name: String?) throws(Failure) -> Account? {
        if let name {
            guard let found = unsafe getpwnam(name) else { throw .noSuchUser(name) }
            return unsafe account(found)
        }
        guard let text = Environment.value("SUDO_UID"), let number = uid_t(text), number != 0 else { return nil }
        if let found = unsafe getpwuid(number) { return unsafe account(found) }
        let group = Environment.value("SUDO_GID").flatMap { gid_t($0) }
        return Account(name: text, user: number, group: group ?? number)
    }

    private static func account(_ entry: UnsafeMutablePointer<passwd>) -> Account {
        unsafe Account(
            name: String(cString: entry.pointee.pw_name), user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
    }

    private static func become(_ account: Account) throws(Failure) {
        guard account.user != 0 else { return }
        guard unsafe initgroups(account.name, account.group) == 0 else {
            throw .refused(operation: "initgroups", number: errno)
        }
        guard setgid(account.group) == 0 else { throw .refused(operation: "setgid", number: errno) }
        guard setuid(account.user) == 0 else { throw .refused(operation: "setuid", number: errno) }
        // It must not come back.
        guard setuid(0) != 0, geteuid() == account.user else { throw .refused(operation: "setuid", number: EPERM) }
    }

    /// What `setcap` gave the program.
    private static func dropCapabilities() throws(Failure) {
        // _LINUX_CAPABILITY_VERSION_3, which has two words of each set.
        var header = postel_capability_header(version: 0x2008_0522, pid: 0)
        let none = [postel_capability_data](repeating: postel_capability_data(), count: 2)
        guard unsafe capset(&header, none) == 0 else { throw .refused(operation: "capset", number: errno) }
    }
}
