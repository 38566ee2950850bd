;; Counts how often deny is asked, in a global, in memory that was there from the start, and in memory that it
;; takes itself, and reports the three counts. In a sandbox of its own each is 1.
(global $count (mut i32) (i32.const 0))
(data $deny_text (i32.const 5120) "{{\"result\":{{\"msg\":\"counts 000\"}}}}\00")
(func $deny (result i32)
  (local $grown i32)
  (global.set $count (i32.add (global.get $count) (i32.const 1)))
  (i32.store (i32.const 16384) (i32.add (i32.load (i32.const 16384)) (i32.const 1)))
  (local.set $grown (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
  (i32.store (local.get $grown) (i32.add (i32.load (local.get $grown)) (i32.const 1)))
  (i32.store8 (i32.const 5147) (i32.add (i32.const 48) (global.get $count)))
  (i32.store8 (i32.const 5148) (i32.add (i32.const 48) (i32.load (i32.const 16384))))
  (i32.store8 (i32.const 5149) (i32.add (i32.const 48) (i32.load (local.get $grown))))
  (i32.const 5120))
