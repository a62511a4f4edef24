import TCPStateMachine

/// What a table's columns are, and the machine that it shows.
struct TableMachine {
    enum Role: Hashable { case from, event, to, action, other }

    let table: Table

    /// The machine of a table of transitions; nil for other tables.
    func machine(_ form: Machine.Form = .table) -> Machine? {
        if let headed, let matrix = TableMachine(table: headed).matrix() { return matrix }
        if let roles = roles() { return transitions(roles, form) }
        return trace() ?? matrix() ?? transposed()
    }

    /// A table without a head, whose first row names events: the head of a matrix.
    private var headed: Table? {
        guard table.header.isEmpty, table.rows.count >= 3, let first = table.rows.first, first.count >= 3,
            StateName(TableMachine.plainName(first[0].text)) == nil,
            first.dropFirst().allSatisfy({ !EdgeLabel($0.text).isEmpty })
        else { return nil }
        return Table(header: first, rows: Array(table.rows.dropFirst()), place: table.place)
    }

    // MARK: Roles

    private static let headings: [(Role, [String])] = [
        (
            .from,
            [
                "current", "from", "source", "present", "start", "old", "initial state", "before", "previous", "were",
                "was",
                "当前",
                "源状态",
                "起始", "原状态", "현재", "출발", "現在", "遷移元", "origen", "origem", "actual", "atual", "de", "ausgangszustand",
                "von",
                "aktuell", "état initial", "depuis", "source", "исходное", "текущее", "из", "الحالية", "الحالة الحالية",
            ]
        ),
        (
            .to,
            [
                "next", "to", "target", "dest", "new state", "result", "after", "following", "下一", "目标", "目的", "新状态",
                "다음",
                "도착", "次", "遷移先", "siguiente", "destino", "próximo", "próxima", "nuevo", "novo", "folgezustand", "nach",
                "ziel",
                "neuer", "suivant", "arrivée", "vers", "следующее", "новое", "в", "التالية", "الحالة التالية",
            ]
        ),
        (
            .event,
            [
                "event", "trigger", "input", "cause", "condition", "received", "receive", "segment", "happens", "on",
                "when", "stimulus", "call", "事件", "触发", "收到",
                "이벤트",
                "입력", "イベント", "入力", "契機", "evento", "entrada", "disparador", "ereignis", "auslöser", "événement",
                "évènement", "déclencheur", "событие", "условие", "الحدث",
            ]
        ),
        (
            .action,
            [
                "action", "output", "send", "response", "sent", "reply", "transmit", "transmits", "answer", "动作", "发送",
                "输出", "동작", "전송", "출력",
                "アクション",
                "動作", "出力", "送信", "acción", "acao", "ação", "salida", "saída", "aktion", "ausgabe", "sendet", "sortie",
                "envoi", "действие", "отправ", "الإجراء",
            ]
        ),
    ]

    private static func role(of heading: Piece) -> Role {
        let text = heading.text.lowercased()[...]
        let words = text.split { !$0.isLetter && !$0.isNumber }
        // "Segment sent" is no event.
        if words.contains("sent") || words.contains("sends") { return .action }
        for (role, names) in headings {
            for name in names {
                let isMatch = name.utf8.count <= 4 ? words.contains(name[...]) : text.has(name)
                if isMatch { return role }
            }
        }
        return text == "state" || text == "状态" || text == "estado" || text == "zustand" || text == "état"
            || text == "상태"
            || text == "状態" || text == "состояние" || text == "الحالة" ? .from : .other
    }

    /// How many cells of a column are states.
    private func stateShare(_ column: Int, of rows: [[Piece]]) -> Double {
        let cells = rows.compactMap { $0.indices.contains(column) ? $0[column] : nil }.filter { !$0.isBlank }
        guard !cells.isEmpty else { return 0 }
        // "close(), FIN sent" and "ACK received" are events, whatever column they stand in.
        let states = cells.count { cell in
            let nodes = TableMachine.names(in: cell)
            return !cell.text.contains("(") && nodes.contains { $0.name != nil && $0.name != .moment }
                || nodes.first?.name?.state != nil && !cell.text.has("()")
        }
        return Double(states) / Double(cells.count)
    }

    private func roles() -> [Role]? {
        guard table.width >= 2, table.width <= 12, !table.rows.isEmpty else { return nil }
        var header = table.header
        if header.isEmpty, let first = table.rows.first, !first.contains(where: { StateName($0.text) != nil }) {
            header = first
        }
        var roles = [Role](repeating: .other, count: table.width)
        for (column, heading) in header.enumerated() { roles[column] = TableMachine.role(of: heading) }
        // "SYN received" under the heading of events is no state.
        let shares = (0..<table.width).map { roles[$0] == .event ? 0 : stateShare($0, of: table.rows) }
        for column in roles.indices where roles[column] == .from || roles[column] == .to {
            if shares[column] < 0.5 { roles[column] = .other }
        }
        let stateColumns = roles.indices.filter { shares[$0] >= 0.6 }
        if roles.count(where: { $0 == .from }) == 1, roles.count(where: { $0 == .to }) == 1 { return roles }
        // Without headings that say it: the first column of states leads to the second.
        guard stateColumns.count == 2 else { return nil }
        // Two columns with hosts as headings are a ladder, not a table of transitions.
        guard header.isEmpty || roles.contains(.event) || roles.contains(.to) || roles.contains(.from) else {
            return nil
        }
        let (left, right) = (stateColumns[0], stateColumns[1])
        // One heading that says it is enough; without any, the order in which more of the steps are steps.
        let isTurned =
            roles[left] == .to || roles[right] == .from
            || roles[left] != .from && roles[right] != .to && badSteps(right, left) < badSteps(left, right)
        for column in roles.indices where roles[column] == .from || roles[column] == .to { roles[column] = .other }
        roles[left] = isTurned ? .to : .from
        roles[right] = isTurned ? .from : .to
        if !roles.contains(.event), let between = roles.indices.first(where: { roles[$0] == .other }) {
            roles[between] = .event
        }
        if header.isEmpty, !roles.contains(.action),
            let last = roles.indices.last(where: { roles[$0] == .other && $0 > stateColumns[1] })
        {
            roles[last] = .action
        }
        return roles
    }

    /// How many rows show a pair of states that nothing leads along.
    private func badSteps(_ from: Int, _ to: Int) -> Int {
        table.rows.count { row in
            guard row.indices.contains(from), row.indices.contains(to),
                let first = TableMachine.names(in: row[from]).first?.name?.state,
                let second = TableMachine.names(in: row[to]).first?.name?.state
            else { return false }
            return first != second && !Way.leaving(first).contains { $0.to == second }
        }
    }

    // MARK: Transitions

    private func transitions(_ roles: [Role], _ form: Machine.Form) -> Machine? {
        var builder = MachineBuilder(form)
        builder.begin(at: table.place)
        var carried: Piece?
        // Behind the column of events a second one says under which condition.
        let conditions = roles.indices.filter { roles[$0] == .event }.dropFirst()
        for row in table.rows {
            func cell(_ role: Role) -> Piece? {
                guard let column = roles.firstIndex(of: role), row.indices.contains(column) else { return nil }
                return row[column]
            }
            guard var from = cell(.from), let to = cell(.to) else { continue }
            // An empty cell goes on with the state above it.
            if from.isBlank, let above = carried { from = above } else { carried = from }
            let event = cell(.event)?.text ?? ""
            let action = TableMachine.isNothing(cell(.action)?.text ?? "") ? "" : cell(.action)?.text ?? ""
            var label =
                TableMachine.isNothing(event) && action.isEmpty
                ? nil : EdgeLabel(event: TableMachine.plain(event), action: TableMachine.plain(action))
            if conditions.contains(where: { row.indices.contains($0) && !TableMachine.isNothing(row[$0].text) }) {
                label?.isConditional = true
            }
            for source in TableMachine.names(in: from) where source.name != nil {
                for target in TableMachine.names(in: to) {
                    let first = row.first { !$0.isBlank } ?? source.text
                    // A row over several lines has its fault where its next state stands.
                    let place = first.line == target.text.line ? first.place : target.text.place
                    if target.name == nil {
                        guard TableMachine.staysTheSame(target.text.text) else {
                            builder.mention(target.text)
                            continue
                        }
                        builder.edge(source.text, source.text, label: label, text: String(event), at: place)
                    } else {
                        builder.edge(source.text, target.text, label: label, text: String(event), at: place)
                    }
                }
            }
        }
        return builder.edgeCount > 0 ? builder.machine() : nil
    }

    /// The states of a cell: several between `/`, `,` or "or".
    static func names(in cell: Piece) -> [Machine.Node] {
        let whole = cell.part(plainName(cell.text))
        if let name = StateName(whole.text) { return [Machine.Node(name: name, text: whole)] }
        let parts = whole.text.split { "/,;、|".contains($0) }.flatMap { $0.parts(separatedBy: " or ") }
        let nodes = parts.map { Machine.Node(name: StateName(plainName($0)), text: cell.part(plainName($0))) }
        if nodes.count > 1, nodes.allSatisfy({ $0.name != nil }) { return nodes }
        // `FIN-WAIT-1 (active close)`, `→ LISTEN`
        let first = whole.text.drop { !$0.isLetter }
        let word = first.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        if !word.isEmpty, word.utf8.count * 3 >= whole.text.utf8.count, let name = StateName(word), name != .moment {
            return [Machine.Node(name: name, text: cell.part(word))]
        }
        return [Machine.Node(name: nil, text: whole)]
    }

    /// Without the marks of emphasis and code.
    static func plainName(_ text: Substring) -> Substring {
        var text = text.trimmed
        let marks: Set<Character> = ["*", "`", "\"", "'", "_", "“", "”"]
        while let first = text.first, marks.contains(first) { text = text.dropFirst() }
        while let last = text.last, marks.contains(last) { text = text.dropLast() }
        return text.trimmed
    }

    /// A label without backticks and asterisks.
    static func plain(_ text: Substring) -> String {
        String(text.filter { $0 != "`" && $0 != "*" })
    }

    static func isNothing(_ text: some StringProtocol) -> Bool {
        let word = Substring(text).trimmed.lowercased()
        return word.isEmpty
            || [
                "-", "—", "–", "--", "x", "λ", "nil", "null", "none", "n/a", "nothing", "无", "なし", "없음", ".",
                "\u{2026}", "ø", "∅", "/",
            ]
            .contains(word)
    }

    private static func staysTheSame(_ text: Substring) -> Bool {
        let word = text.trimmed.lowercased()
        return ["=", "same", "unchanged", "（不变）", "不变", "stays", "(same)"].contains(word)
    }

    /// A run of one end: each row begins in the state where the one before it ended.
    private func trace() -> Machine? {
        guard !table.header.isEmpty else { return nil }
        let roles = table.header.map(TableMachine.role)
        guard let event = roles.firstIndex(of: .event) else { return nil }
        let columns = table.header.indices.filter { $0 != event && stateShare($0, of: table.rows) >= 0.8 }
        guard columns.count == 1, let column = columns.first, roles[column] == .to || column > event else { return nil }
        // In a table of transitions each row begins anew.
        guard roles[column] != .from || table.header[column].text.lowercased()[...].has("after") else { return nil }
        let action = roles.firstIndex(of: .action)
        var builder = MachineBuilder(.arrows)
        var before: Piece?
        for row in table.rows where row.indices.contains(column) {
            guard let node = TableMachine.names(in: row[column]).first, node.name?.state != nil else { continue }
            if let before, StateName(before.text)?.state != node.name?.state {
                let sent = action.flatMap { row.indices.contains($0) ? row[$0].text : nil } ?? ""
                let label = EdgeLabel(
                    event: TableMachine.plain(row[event].text),
                    action: TableMachine.isNothing(sent) ? "" : TableMachine.plain(sent))
                builder.edge(before, node.text, label: label, text: String(row[event].text), at: node.text.place)
            }
            before = node.text
        }
        return builder.edgeCount > 0 ? builder.machine() : nil
    }

    // MARK: Matrices

    /// Events in the first column, states in the header.
    private func transposed() -> Machine? {
        guard table.header.count >= 3, table.rows.count >= 2 else { return nil }
        let heads = table.header.dropFirst().map { $0.part(TableMachine.plainName($0.text)) }
        guard heads.count(where: { StateName($0.text) != nil }) * 3 >= heads.count * 2 else { return nil }
        let events = table.rows.count { row in
            row.first.map { !EdgeLabel(TableMachine.plain($0.text)).isEmpty } ?? false
        }
        guard events * 3 >= table.rows.count * 2 else { return nil }
        var builder = MachineBuilder(.matrix)
        builder.begin(at: table.place)
        for row in table.rows {
            guard let event = row.first.map({ TableMachine.plain($0.text) }) else { continue }
            for (column, cell) in row.enumerated().dropFirst() where heads.indices.contains(column - 1) {
                guard !TableMachine.isNothing(cell.text) else { continue }
                if let parts = MatrixCell(cell) {
                    let label = EdgeLabel(event: event, action: parts.action)
                    builder.edge(heads[column - 1], parts.state, label: label, text: event, at: cell.place)
                    continue
                }
                for to in TableMachine.names(in: cell) where to.name != nil {
                    builder.edge(heads[column - 1], to.text, label: EdgeLabel(event), text: event, at: cell.place)
                }
            }
        }
        return builder.edgeCount > 0 ? builder.machine() : nil
    }

    /// States in the first column, events in the header, next states in the cells; or states on both axes.
    private func matrix() -> Machine? {
        guard table.header.count >= 3, table.rows.count >= 2 else { return nil }
        let heads = table.header.dropFirst()
        let rowStates = table.rows.filter { row in
            row.first.map { StateName(TableMachine.plainName($0.text)) != nil } ?? false
        }
        guard rowStates.count * 3 >= table.rows.count * 2 else { return nil }
        let headStates = heads.filter { StateName(TableMachine.plainName($0.text)) != nil }
        if headStates.count * 3 >= heads.count * 2 { return pairs() }
        let filled = rowStates.flatMap { $0.dropFirst() }.filter { !TableMachine.isNothing($0.text) }
        let states = filled.filter { cell in
            TableMachine.names(in: cell).contains { $0.name != nil } || MatrixCell(cell) != nil
        }
        guard !filled.isEmpty, states.count * 2 >= filled.count else { return nil }
        let understood = heads.count { !EdgeLabel($0.text).isEmpty }
        guard understood * 2 >= heads.count else { return nil }
        var builder = MachineBuilder(.matrix)
        builder.begin(at: table.place)
        for row in rowStates {
            guard let from = row.first.map({ $0.part(TableMachine.plainName($0.text)) }) else { continue }
            for (column, cell) in row.enumerated().dropFirst() where table.header.indices.contains(column) {
                guard !TableMachine.isNothing(cell.text) else { continue }
                let heading = TableMachine.plain(table.header[column].text)
                if let parts = MatrixCell(cell) {
                    builder.edge(
                        from, parts.state, label: EdgeLabel(event: heading, action: parts.action), text: heading,
                        at: cell.place)
                    continue
                }
                for to in TableMachine.names(in: cell) where to.name != nil {
                    builder.edge(from, to.text, label: EdgeLabel(heading), text: heading, at: cell.place)
                }
            }
        }
        return builder.edgeCount > 0 ? builder.machine() : nil
    }

    /// States on both axes: a cell with a mark is a pair that is reachable in one step.
    private func pairs() -> Machine? {
        var builder = MachineBuilder(.matrix)
        builder.begin(at: table.place)
        for row in table.rows {
            guard let from = row.first.map({ $0.part(TableMachine.plainName($0.text)) }), StateName(from.text) != nil
            else { continue }
            for (column, cell) in row.enumerated().dropFirst() where table.header.indices.contains(column) {
                let mark = cell.text.trimmed.lowercased()
                let to = table.header[column].part(TableMachine.plainName(table.header[column].text))
                guard StateName(to.text) != nil, !TableMachine.isNothing(mark) || mark == "x", mark != "no",
                    mark != "✗", mark != "0"
                else { continue }
                let isMark = ["x", "✓", "✔", "yes", "1", "y", "•", "●", "√", "ja", "sí", "si", "oui", "да", "○"]
                    .contains(mark)
                builder.edge(
                    from, to, label: isMark ? nil : EdgeLabel(TableMachine.plain(cell.text)), text: mark, at: cell.place
                )
            }
        }
        return builder.edgeCount > 0 ? builder.machine() : nil
    }
}

/// A cell that holds the next state and what is sent: `SYN_RCVD / SYN,ACK`.
struct MatrixCell {
    let state: Piece
    let action: String

    init?(_ cell: Piece) {
        for mark: Character in ["/", ",", "("] {
            guard let cut = cell.text.firstIndex(of: mark) else { continue }
            let (left, right) = (TableMachine.plainName(cell.text[..<cut]), cell.text[cell.text.index(after: cut)...])
            let second = TableMachine.plainName(right.hasSuffix(")") ? right.dropLast() : right)
            if StateName(left) != nil, StateName(second) == nil {
                (state, action) = (cell.part(left), String(second))
                return
            }
            if StateName(second) != nil, StateName(left) == nil, mark != "(" {
                (state, action) = (cell.part(second), String(left))
                return
            }
        }
        return nil
    }
}
