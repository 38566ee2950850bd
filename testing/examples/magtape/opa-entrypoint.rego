package magtape

decisions[{"policy": p, "reasons": reasons}] {
    data.kubernetes.admission[p].matches
    reasons := data.kubernetes.admission[p].deny
}
