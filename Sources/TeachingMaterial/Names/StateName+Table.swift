import TCPStateMachine

extension StateName {
    /// The folded names.
    static let table: [String: StateName] = {
        var table: [String: StateName] = [:]
        for (state, names) in spellings {
            for name in names { table[name] = .state(state) }
        }
        for (state, names) in clearMistakes {
            for name in names { table[name] = .misspelled(state) }
        }
        for name in ["finwait", "fw", "finwaitx"] { table[name] = .finWait }
        for name in ["connected"] { table[name] = .connected }
        for name in ["unknown", "desconhecido", "unbekannt", "inconnu", "desconocido"] { table[name] = .unknown }
        for name in [
            "deletetcb", "idle", "bound", "newsynrecv", "boundinactive", "nonexist", "synsent2", "unconn", "newsynrcvd",
        ] {
            table[name] = .implementation
        }
        for name in [
            "timeout", "timedout", "reset", "rstsent", "rstreceived", "synacksent", "synackreceived", "synackrcvd",
            "ackreceived", "ackrcvd", "acksent", "finsent", "finreceived", "finrcvd", "finacksent", "finackreceived",
            "clientinit", "serverinit", "error", "connecting", "disconnected", "connectionclosed", "halfopen",
            "halfclosed", "waitack", "waitsynack", "datatransfer", "finackrcvd", "sendfin", "sendack", "sendsyn",
        ] {
            table[name] = .moment
        }
        for name in ["start", "begin", "end", "stop", "startstate", "startpoint", "endpoint", "inicio", "fin"] {
            table[name] = .terminal
        }
        return table
    }()

    private static let spellings: [(State, [String])] = [
        (.closed, ["closed", "close", "fechado", "cerrado", "geschlossen", "fermé", "init", "初始"]),
        (.listen, ["listen", "listening", "ouvindo", "lstn", "отслеживание"]),
        (.synSent, ["synsent", "synsnt", "sst"]),
        (.synReceived, ["synreceived", "synrcvd", "synrecv", "synrcd", "synrec", "synreceive", "srd"]),
        (
            .established,
            [
                "established", "estab", "est", "estabelecido", "establecido", "verbunden", "connesbl", "установлено",
                "estd",
            ]
        ),
        (.finWait1, ["finwait1", "fw1", "finwaiti", "finwait01"]),
        (.finWait2, ["finwait2", "fw2", "finwaitii", "finwait02"]),
        (.closeWait, ["closewait", "clw", "cw"]),
        (.closing, ["closing", "fechando", "cls"]),
        (.lastAck, ["lastack", "lak", "últimoack", "ultimoack"]),
        (.timeWait, ["timewait", "twt", "tw"]),
    ]

    /// Names that are wrong and leave no doubt.
    private static let clearMistakes: [(State, [String])] = [
        (.synSent, ["synsend"]),
        (.synReceived, ["synrevd", "syncrcvd", "synrcv", "syncreceived", "synrev", "synreceved", "synrecieved"]),
        (.established, ["establish", "establised", "establihsed", "estabished", "establishe", "estabilished"]),
        (.closeWait, ["closedwait", "waitclose"]),
        (.lastAck, ["lastlock", "lasack"]),
        (.timeWait, ["timedwait", "waittime", "timewiat", "timwait", "timeoutwait"]),
        (.finWait1, ["finwait1st", "fnwait1"]),
        (.finWait2, ["fnwait2"]),
    ]
}
