;; Has a deny of a number that eval does not know, and leaves what matches answered.
(data $entrypoints_text (i32.const 2048)
  "{\"kubernetes/admission/hostile/deny\":77,\"kubernetes/admission/hostile/matches\":1,"
  "\"kubernetes/admission/hostile/policy_metadata\":2}\00")
