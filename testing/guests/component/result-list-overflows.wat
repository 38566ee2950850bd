;; Has so many violations that their bytes overflow 32 bits.
(data $answer (i32.const 4096) (i32 0) (i32 1) (i32 8192 0x08000001))
