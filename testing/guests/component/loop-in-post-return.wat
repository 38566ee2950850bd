;; Answers, and never gives its answer back.
(func $post-evaluate (export "post-evaluate") (param $answer i32) (loop $again (br $again)))
