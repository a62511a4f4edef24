import TCPStateMachine

/// What TIME-WAIT is said to be for, and how long it is said to last.
extension ClaimJudge {
    mutating func judgeTimeWait() {
        judgeDuration()
        judgePurpose()
        judgeEffects()
    }

    /// Seconds that a sentence names, with the token of the number.
    private var durations: [(seconds: Int, token: Int)] {
        var found: [(Int, Int)] = []
        for (index, token) in sentence.tokens.enumerated() {
            if token.concept == .period {
                found.append((120, index))
                continue
            }
            guard token.concept == .number, token.number > 0, index + 1 < sentence.tokens.count else { continue }
            var next = index + 1
            while next < sentence.tokens.count, next <= index + 2,
                sentence.tokens[next].concept == .number || sentence.tokens[next].concept == .and
                    || sentence.tokens[next].concept == .to
            { next += 1 }
            guard next < sentence.tokens.count, sentence.tokens[next].gap == 0 else { continue }
            switch sentence.tokens[next].concept {
            case .seconds: found.append((token.number / 100, index))
            case .minutes: found.append((token.number * 60 / 100, index))
            default: continue
            }
        }
        return found
    }

    /// One segment lifetime, or some round trips, in place of two lifetimes.
    private mutating func judgeUnits() {
        guard !sentence.has(any: .not, .hedge, .may, .twiceMSL, .simplified) else { return }
        if let one = sentence.first(.oneMSL),
            sentence.isEntry || sentence.has(any: .stay, .wait, .enter, .timer, .after)
        {
            return report(.timeWaitDuration, .error, at: one, "TIME-WAIT is said to last one MSL")
        }
        if let trip = sentence.first(.roundTrip), trip > 0, sentence.has(any: .stay),
            sentence.tokens[trip - 1].concept == .number
        {
            report(.timeWaitDuration, .error, at: trip, "TIME-WAIT is said to last some round trips")
        }
    }

    private mutating func judgeDuration() {
        judgeUnits()
        guard let duration = durations.first else {
            if let instant = sentence.asserted(.instant),
                sentence.acts.contains(where: { $0.verb == .enter && $0.state == .closed && !$0.isNegated }),
                sentence.isEntry
            {
                report(.timeWaitDuration, at: instant, "TIME-WAIT is said to be left at once")
            }
            return
        }
        guard
            sentence.isEntry
                || sentence.has(
                    any: .wait, .enter, .stay, .leave, .timer, .clock, .definite, .instant, .after, .purpose, .until,
                    .always, .when)
        else { return }
        note(checked: true)
        let isUsual = [30, 60, 120, 240].contains(duration.seconds)
        if sentence.has(any: .twiceMSL, .msl, .lifetime) {
            guard duration.seconds < 30 || duration.seconds > 480 else { return }
        }
        if sentence.has(any: .implementation, .hedge, .may, .hours) { return }
        if duration.seconds == 240 { return }
        report(
            .timeWaitDuration, isUsual ? .warning : .error, at: duration.token,
            "TIME-WAIT is said to last \(duration.seconds) seconds")
    }

    private mutating func judgePurpose() {
        let isLate = sentence.has(any: .retransmit, .lose)
        if let purpose = sentence.first(.purpose), !isLate, !sentence.isNegated(around: purpose),
            let what = sentence.tokens[purpose...].firstIndex(where: { $0.concept == .packet || $0.concept == .data }),
            sentence.tokens[purpose...].contains(where: { $0.concept == .all }),
            sentence.tokens[purpose...].contains(where: {
                $0.concept == .receive || $0.concept == .deliver || $0.concept == .lose
            }),
            !sentence.tokens[purpose...].contains(where: { $0.concept == .ack || $0.concept == .fin })
        {
            report(.timeWaitAwaitsData, at: what)
        } else if sentence.language.isVerbFinal || sentence.language == .chinese, !isLate, sentence.has(.purpose),
            sentence.has(.all), sentence.has(any: .packet, .data), sentence.has(any: .receive, .deliver),
            !sentence.has(any: .ack, .fin), !findings.contains(where: { $0.code == .timeWaitAwaitsData })
        {
            report(.timeWaitAwaitsData, at: sentence.first(.purpose) ?? 0)
        }
        for act in sentence.acts where act.verb == .wait && !act.isNegated {
            guard act.object == .command || act.object == .request || act.object == .connectionRequest else { continue }
            return report(.timeWaitServesRequests, at: act.first)
        }
        if let serve = sentence.asserted(.serve), sentence.has(any: .command, .request) {
            report(.timeWaitServesRequests, at: serve)
        }
    }

    private mutating func judgeEffects() {
        if let begin = sentence.asserted(.beginning),
            sentence.has(any: .closingUp, .close, .termination, .before, .already),
            !sentence.has(any: .timer, .new) || sentence.has(.before)
        {
            return report(.timeWaitBeforeClosing, at: begin)
        }
        if let cannot = sentence.first(.cannot), !sentence.has(any: .port, .bind, .implementation),
            sentence.has(any: .new, .any, .all),
            sentence.tokens[cannot...].contains(where: { $0.concept == .receive }),
            sentence.tokens[cannot...].contains(where: { $0.concept == .packet })
        {
            report(.timeWaitReceivesNothing, at: cannot)
        }
    }

    /// The port that is said to be taken, the crash that is said to lead there: in any sentence that names TIME-WAIT.
    mutating func judgeTimeWaitMentions() {
        guard sentence.named == [.timeWait] || sentence.isEntry && sentence.subject == [.timeWait] else { return }
        let isStated = !sentence.has(any: .implementation, .bind)
        if isStated, let nobody = sentence.first(.nobody), let port = sentence.first(.port, .portSubject),
            !sentence.has(.both)
        {
            report(.timeWaitBlocksPort, at: min(nobody, port))
        }
        if let crash = sentence.asserted(.crash, .closeProperly),
            sentence.first(.state) ?? 0 > crash || sentence.isEntry
        {
            report(.timeWaitByCrash, at: crash)
        }
    }

    /// "only from FIN-WAIT-2 and CLOSING": FIN-WAIT-1 is left out.
    mutating func judgeTimeWaitEntries() {
        guard sentence.named.first == .timeWait || sentence.subject == [.timeWait] else { return }
        let only = sentence.tokens.firstIndex { token in
            token.concept == .only
                || token.concept == .reached
                    && Substring(decoding: sentence.text.bytes[token.begin..<token.end], as: UTF8.self).has("only")
        }
        if let only, sentence.named.contains(.finWait2), sentence.named.contains(.closing),
            !sentence.named.contains(.finWait1), !sentence.isNegated(around: only)
        {
            report(.timeWaitEntries, at: only)
        }
    }

    /// That nothing comes any more is no proof.
    mutating func judgeSilence() {
        guard let proof = sentence.asserted(.proof), sentence.has(any: .twiceMSL, .msl),
            sentence.has(any: .close, .already, .termination)
        else { return }
        report(.silenceProvesClosed, at: proof)
    }
}
