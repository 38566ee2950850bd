;; What every component here starts from: a policy of the world in sdk/wit/policy.wit, which is asked about each
;; Deployment and has nothing against it.
;;
;; A guest's file names only what differs. Each of its definitions takes the place of the one with the same $name,
;; which no two definitions here share; one that is new is added to the module of the policy. What is in
;; `(around …)` is added to the component itself, behind its last definition that begins with the same words as the
;; first one there. `@guest` becomes the name of the guest's file, and `@length` the length of the policy's name.

(import "magtape:policy/documents@1.0.0" (instance $documents
  (type $node' u32)
  (export "node" (type $node (eq $node')))
  (type $content' (variant
    (case "null") (case "boolean" bool) (case "integer" s64) (case "number" f64) (case "text" string)
    (case "array" u32) (case "object" u32)))
  (export "content" (type $content (eq $content')))
  (type $element' (record (field "node" $node) (field "content" $content)))
  (export "element" (type $element (eq $element')))
  (type $member' (record (field "key" string) (field "node" $node) (field "content" $content)))
  (export "member" (type $member (eq $member')))
  (export "review" (func (result $node)))
  (export "parameters" (func (result $node)))
  (export "lookup" (func (param "kind" string) (result (option $node))))
  (export "find" (func (param "from" $node) (param "pointer" string) (result (option $node))))
  (export "read" (func (param "from" $node) (param "pointer" string) (result (option $content))))
  (export "elements" (func (param "from" $node) (param "pointer" string) (result (list $element))))
  (export "members" (func (param "from" $node) (param "pointer" string) (result (list $member))))
  (export "show" (func (param "from" $node) (param "pointer" string) (result (option string))))
  (export "json" (func (param "from" $node) (param "pointer" string) (result (option string))))))
(import "magtape:policy/host@1.0.0" (instance $host
  (type $level' (enum "debug" "info" "warn" "error"))
  (export "level" (type $level (eq $level')))
  (export "log" (func (param "level" $level) (param "message" string)))
  (export "now" (func (result u64)))
  (export "abort" (func (param "reason" string)))))
(import "magtape:policy/types@1.0.0" (instance $types
  (type $severity' (enum "low" "med" "high"))
  (export "severity" (type $severity (eq $severity')))
  (type $operation' (enum "create" "update" "delete" "connect"))
  (export "operation" (type $operation (eq $operation')))
  (type $metadata' (record
    (field "name" string) (field "severity" $severity) (field "errcode" string)
    (field "targets" (list string)) (field "operations" (list $operation)) (field "needs" (list string))
    (field "parameters" (option string))
    (field "title" (option string)) (field "description" (option string)) (field "url" (option string))))
  (export "metadata" (type (eq $metadata')))
  (type $violation' (record
    (field "message" string) (field "field" (option string)) (field "details" (option string))))
  (export "violation" (type (eq $violation')))))

(alias export $types "metadata" (type $metadata-type))
(alias export $types "violation" (type $violation-type))
(type $judgement (result (option (list $violation-type)) (error string)))

;; Memory, which what is lowered needs before there is a policy that calls it.
(core module $memory-module
  (memory $pages (export "memory") 4)
  ;; The end of what is in use; behind it is what the host hands over.
  (global $heap (mut i32) (i32.const 131072))
  ;; Memory is only ever taken.
  (func $realloc (export "realloc")
    (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
    (local $address i32)
    (local.set $address
      (i32.and (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
               (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $address) (local.get $new)))
    (loop $again
      (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536)))
        (then
          (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then (unreachable)))
          (br $again))))
    (local.get $address)))

(core module $policy-module
  (import "memory" "memory" (memory $bytes 1))
  (import "documents" "review" (func $review (result i32)))
  (import "documents" "parameters" (func $parameters (result i32)))
  ;; These three write to the address that comes last: whether there is something, and behind that what.
  (import "documents" "lookup" (func $lookup (param $kind i32) (param $length i32) (param $answer i32)))
  (import "documents" "find"
    (func $find (param $from i32) (param $pointer i32) (param $length i32) (param $answer i32)))
  (import "documents" "read"
    (func $read (param $from i32) (param $pointer i32) (param $length i32) (param $answer i32)))
  ;; Where the list is, and how many are in it.
  (import "documents" "elements"
    (func $elements (param $from i32) (param $pointer i32) (param $length i32) (param $answer i32)))
  (import "documents" "members"
    (func $members (param $from i32) (param $pointer i32) (param $length i32) (param $answer i32)))
  ;; Whether there is a text, where, and how long it is.
  (import "documents" "show"
    (func $show (param $from i32) (param $pointer i32) (param $length i32) (param $answer i32)))
  (import "documents" "json"
    (func $json (param $from i32) (param $pointer i32) (param $length i32) (param $answer i32)))
  (import "host" "log" (func $log (param $level i32) (param $message i32) (param $length i32)))
  (import "host" "now" (func $now (result i64)))
  (import "host" "abort" (func $abort (param $reason i32) (param $length i32)))

  ;; The record that `metadata` answers. Texts are an address and a length; what may be missing begins with 0 or 1.
  (data $name (i32.const 1024) (i32 2048 @length))
  (data $severity (i32.const 1032) (i32 0))
  (data $errcode (i32.const 1036) (i32 2304 7))
  (data $targets (i32.const 1044) (i32 2320 1))
  (data $operations (i32.const 1052) (i32 0 0))
  (data $needs (i32.const 1060) (i32 0 0))
  (data $schema (i32.const 1068) (i32 0 0 0))
  (data $title (i32.const 1080) (i32 0 0 0))
  (data $description (i32.const 1092) (i32 0 0 0))
  (data $url (i32.const 1104) (i32 0 0 0))
  (data $name-text (i32.const 2048) "hostile-@guest")
  (data $errcode-text (i32.const 2304) "HOSTILE")
  (data $target-list (i32.const 2320) (i32 2328 10))
  (data $target-text (i32.const 2328) "Deployment")
  (func $metadata (export "metadata") (result i32) (i32.const 1024))

  ;; No error, it applies, and there are no violations.
  (data $answer (i32.const 4096) (i32 0) (i32 1) (i32 0 0))
  (func $evaluate (export "evaluate") (result i32) (i32.const 4096))
  (func $post-evaluate (export "post-evaluate") (param $answer i32))

  ;; One violation without field and details, and the answer that has it.
  (data $one-answer (i32.const 4112) (i32 0) (i32 1) (i32 4128 1))
  (data $one-violation (i32.const 4128) (i32 0 0) (i32 0 0 0) (i32 0 0 0))
  ;; What `evaluate` answers when it has something against the object.
  (func $violated (param $message i32) (param $length i32) (result i32)
    (i32.store (i32.const 4128) (local.get $message))
    (i32.store (i32.const 4132) (local.get $length))
    (i32.const 4112))

  ;; Writes a byte so many times, and answers where.
  (func $fill (param $address i32) (param $byte i32) (param $count i32) (result i32)
    (memory.fill (local.get $address) (local.get $byte) (local.get $count))
    (local.get $address)))

(core instance $memory (instantiate $memory-module))
(core func $lowered-review (canon lower (func $documents "review")))
(core func $lowered-parameters (canon lower (func $documents "parameters")))
(core func $lowered-lookup (canon lower (func $documents "lookup")
  (memory (core memory $memory "memory"))))
(core func $lowered-find (canon lower (func $documents "find")
  (memory (core memory $memory "memory"))))
(core func $lowered-read (canon lower (func $documents "read")
  (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
(core func $lowered-elements (canon lower (func $documents "elements")
  (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
(core func $lowered-members (canon lower (func $documents "members")
  (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
(core func $lowered-show (canon lower (func $documents "show")
  (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
(core func $lowered-json (canon lower (func $documents "json")
  (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
(core func $lowered-log (canon lower (func $host "log") (memory (core memory $memory "memory"))))
(core func $lowered-now (canon lower (func $host "now")))
(core func $lowered-abort (canon lower (func $host "abort") (memory (core memory $memory "memory"))))

(core instance $imported-documents
  (export "review" (func $lowered-review))
  (export "parameters" (func $lowered-parameters))
  (export "lookup" (func $lowered-lookup))
  (export "find" (func $lowered-find))
  (export "read" (func $lowered-read))
  (export "elements" (func $lowered-elements))
  (export "members" (func $lowered-members))
  (export "show" (func $lowered-show))
  (export "json" (func $lowered-json)))
(core instance $imported-host
  (export "log" (func $lowered-log))
  (export "now" (func $lowered-now))
  (export "abort" (func $lowered-abort)))
(core instance $policy (instantiate $policy-module
  (with "memory" (instance $memory))
  (with "documents" (instance $imported-documents))
  (with "host" (instance $imported-host))))

(func $lifted-metadata (export "metadata") (result $metadata-type)
  (canon lift (core func $policy "metadata") (memory (core memory $memory "memory"))))
(func $lifted-evaluate (export "evaluate") (result $judgement)
  (canon lift (core func $policy "evaluate")
    (memory (core memory $memory "memory")) (post-return (core func $policy "post-evaluate"))))
