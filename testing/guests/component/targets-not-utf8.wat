;; Judges a kind whose name is no text.
(data $target-text (i32.const 2328) "Deploymen\ff")
