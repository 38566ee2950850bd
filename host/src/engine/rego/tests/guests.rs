//! The guests. Each is the body of `_start`, among some of WASI's functions and helpers of our own.

/// Makes a module of the body of `_start`.
pub(super) fn module(body: &str) -> String {
    format!("(module {IMPORTS} {HELPERS} (func $start (export \"_start\") (local $n i32) {body}))")
}

/// A body that answers one digit.
pub(super) fn tell(digit: &str) -> String {
    format!("(call $tell {digit})")
}

const IMPORTS: &str = r#"
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
"#;

/// `$put` writes a stretch of memory to a descriptor and gives WASI's error, `$tell` writes one digit, and `$sleep`
/// waits for nanoseconds of a clock.
const HELPERS: &str = r#"
  (memory (export "memory") 2)
  (data (i32.const 1024) "alas")
  (data (i32.const 1040) "/etc/passwd")
  (func $put (param $fd i32) (param $at i32) (param $length i32) (result i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func $tell (param $digit i32)
    (i32.store8 (i32.const 600) (i32.add (i32.const 48) (local.get $digit)))
    (drop (call $put (i32.const 1) (i32.const 600) (i32.const 1))))
  (func $sleep (param $clock i32) (param $nanoseconds i64) (param $absolute i32)
    (i32.store (i32.const 120) (local.get $clock))
    (i64.store (i32.const 128) (local.get $nanoseconds))
    (i32.store16 (i32.const 144) (local.get $absolute))
    (drop (call $poll (i32.const 104) (i32.const 200) (i32.const 1) (i32.const 300))))
"#;

/// Reads its input until there is none and writes it out.
pub(super) const ECHO: &str = "
  (loop
    (i32.store (i32.const 0) (i32.const 2048))
    (i32.store (i32.const 4) (i32.const 100))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (local.set $n (i32.load (i32.const 8)))
    (if (local.get $n) (then
      (drop (call $put (i32.const 1) (i32.const 2048) (local.get $n)))
      (br 1))))";

/// Asks for memory without an end, and does not mind a refusal.
pub(super) const MEMORY: &str = "(loop (drop (memory.grow (i32.const 1))) (br 0))";

/// Writes until that fails.
pub(super) const ENDLESS_OUTPUT: &str =
    "(loop (br_if 0 (i32.eqz (call $put (i32.const 1) (i32.const 0) (i32.const 1000)))))";

/// Writes a lot once.
pub(super) const LONG_OUTPUT: &str = "(drop (call $put (i32.const 1) (i32.const 0) (i32.const 65536)))";

pub(super) const EXIT_3: &str = "
  (drop (call $put (i32.const 1) (i32.const 1024) (i32.const 4)))
  (drop (call $put (i32.const 2) (i32.const 1024) (i32.const 4)))
  (call $exit (i32.const 3))";

/// Sleeps for an hour.
pub(super) const SLEEP: &str = "(call $sleep (i32.const 1) (i64.const 3600000000000) (i32.const 0))";

/// Sleeps until the year 2554.
pub(super) const SLEEP_UNTIL: &str = "(call $sleep (i32.const 0) (i64.const -1) (i32.const 1))";

/// Sleeps until a moment that this machine's clock for durations does not reach.
pub(super) const SLEEP_UNTIL_NEVER: &str = "(call $sleep (i32.const 1) (i64.const -1) (i32.const 1))";

/// Sleeps for 584 years.
pub(super) const SLEEP_FOR_EVER: &str = "(call $sleep (i32.const 1) (i64.const -1) (i32.const 0))";

/// Sleeps for a millisecond.
pub(super) const NAP: &str = "(call $sleep (i32.const 1) (i64.const 1000000) (i32.const 0))";

/// Sleeps for a millisecond, again and again.
pub(super) const NAP_FOREVER: &str =
    "(loop (call $sleep (i32.const 1) (i64.const 1000000) (i32.const 0)) (br 0))";

/// How many variables there are.
pub(super) const VARIABLES: &str =
    "(drop (call $environ_sizes (i32.const 512) (i32.const 516))) (i32.load (i32.const 512))";

/// How many arguments there are, with the program's name.
pub(super) const ARGUMENTS: &str =
    "(drop (call $args_sizes (i32.const 512) (i32.const 516))) (i32.load (i32.const 512))";

/// Opens a file.
pub(super) const OPEN: &str =
    "(call $open (i32.const 3) (i32.const 0) (i32.const 1040) (i32.const 11) (i32.const 0)
  (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 512))";

pub(super) const MANY_RANDOM_BYTES: &str = "(drop (call $random (i32.const 0) (i32.const 65537)))";

/// Writes the time in nanoseconds and sixteen random bytes.
pub(super) const CLOCK_AND_RANDOM: &str = "
  (drop (call $time (i32.const 0) (i64.const 0) (i32.const 512)))
  (drop (call $random (i32.const 520) (i32.const 16)))
  (drop (call $put (i32.const 1) (i32.const 512) (i32.const 24)))";

/// Counts in its memory how often it was asked.
pub(super) const COUNT: &str = "
  (i32.store (i32.const 700) (i32.add (i32.const 1) (i32.load (i32.const 700))))
  (call $tell (i32.load (i32.const 700)))";
