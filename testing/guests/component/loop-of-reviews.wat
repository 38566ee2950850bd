;; Asks for the review again and again.
(func $evaluate (export "evaluate") (result i32)
  (loop $again (drop (call $review)) (br $again))
  (unreachable))
