;; Answers violations, but never that it does not apply.
(type $judgement (result (list $violation-type) (error string)))
