/// All reasons, with the verdicts that they belong to: the gravest first.
public enum VerdictReasons {
    public static let all: [(kind: Verdict.Kind, reason: any VerdictReason)] = {
        var all: [(Verdict.Kind, any VerdictReason)] = []
        for reason in Diagnosis.allCases { all.append((.divergent, reason)) }
        for reason in Explanation.allCases { all.append((.explained, reason)) }
        for reason in KernelOnlyReason.allCases { all.append((.kernelOnly, reason)) }
        for reason in WireOnlyReason.allCases { all.append((.wireOnly, reason)) }
        for reason in Note.allCases { all.append((.agree, reason)) }
        return all
    }()
}
