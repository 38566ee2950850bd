;; Wants to look up 33 kinds.
(data $needs (i32.const 1060) (i32 8192 33))
(data $need-list (i32.const 8192)
  (i32 8704 9  8713 9  8722 9  8731 9  8740 9  8749 9  8758 9  8767 9  8776 9  8785 9  8794 9)
  (i32 8803 9  8812 9  8821 9  8830 9  8839 9  8848 9  8857 9  8866 9  8875 9  8884 9  8893 9)
  (i32 8902 9  8911 9  8920 9  8929 9  8938 9  8947 9  8956 9  8965 9  8974 9  8983 9  8992 9))
(data $need-texts (i32.const 8704)
  "v1/kind00v1/kind01v1/kind02v1/kind03v1/kind04v1/kind05v1/kind06v1/kind07v1/kind08v1/kind09v1/kind10"
  "v1/kind11v1/kind12v1/kind13v1/kind14v1/kind15v1/kind16v1/kind17v1/kind18v1/kind19v1/kind20v1/kind21"
  "v1/kind22v1/kind23v1/kind24v1/kind25v1/kind26v1/kind27v1/kind28v1/kind29v1/kind30v1/kind31v1/kind32")
