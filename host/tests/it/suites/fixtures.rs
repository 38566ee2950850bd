//! Tests of each kind that pass, fail, are skipped and cannot be run.

/// Unit tests in Rego, with data.
pub const REGO: &[(&str, &str)] = &[
    (
        "rego/labels.rego",
        "package labels

import rego.v1

deny contains \"no owner\" if not input.owner
",
    ),
    (
        "rego/labels_test.rego",
        "package labels_test

import data.labels
import rego.v1

test_owner if count(labels.deny) == 0 with input as {\"owner\": \"me\"}

test_limit if {
	print(\"the limit is\", data.limits.length)
	data.limits.length == 4
}

todo_test_later if false

test_conflict if number == 1

number := 1 if true

number := 2 if true
",
    ),
    ("rego/limits/data.json", "{\"length\": 3}"),
];

/// A Suite of Gatekeeper's.
pub const GATEKEEPER: &[(&str, &str)] = &[
    (
        "gatekeeper/template.yaml",
        "apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: k8sowner}
spec:
  crd:
    spec:
      names: {kind: K8sOwner}
      validation: {openAPIV3Schema: {type: object, properties: {label: {type: string}}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package k8sowner
        violation[{\"msg\": msg}] {
          not input.review.object.metadata.labels[input.parameters.label]
          msg := sprintf(\"no label <%v>\", [input.parameters.label])
        }
        violation[{\"msg\": \"is alone\"}] {
          not data.inventory.namespace[input.review.namespace]
        }
",
    ),
    (
        "gatekeeper/constraint.yaml",
        "apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sOwner
metadata: {name: owners}
spec: {enforcementAction: dryrun, parameters: {label: owner}}
",
    ),
    (
        "gatekeeper/wrong.yaml",
        "apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sOwner
metadata: {name: owners}
spec: {parameters: {label: 1}}
",
    ),
    ("gatekeeper/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n"),
    ("gatekeeper/two.yaml", "apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Pod\n"),
    (
        "gatekeeper/suite.yaml",
        "apiVersion: test.gatekeeper.sh/v1alpha1
kind: Suite
metadata: {name: owners}
tests:
  - name: labels
    template: template.yaml
    constraint: constraint.yaml
    cases:
      - {name: both, object: pod.yaml, assertions: [{violations: 2}, {violations: yes, message: ^no label <owner>$}]}
      - {name: not alone, object: pod.yaml, inventory: [pod.yaml], assertions: [{violations: no, message: alone}]}
      - {name: wrong count, object: pod.yaml, assertions: [{violations: yes}, {violations: 1}, {violations: no, message: label}]}
      - {name: nowhere, object: nowhere.yaml, assertions: [{violations: no}]}
      - {name: two objects, object: two.yaml, assertions: [{violations: no}]}
      - {name: nothing said, object: pod.yaml}
      - {name: misspelt, object: pod.yaml, assertion: []}
      - {name: later, object: nowhere.yaml, skip: true}
  - {name: refused, template: template.yaml, constraint: wrong.yaml, invalid: true}
  - {name: not refused, template: template.yaml, constraint: constraint.yaml, invalid: true}
  - {name: wrong, template: template.yaml, constraint: wrong.yaml, cases: [{name: a, object: pod.yaml, assertions: [{}]}]}
  - {name: nothing named, cases: [{name: a, object: pod.yaml, assertions: [{}]}]}
  - {name: expanded, template: template.yaml, constraint: constraint.yaml, expansion: e.yaml}
  - {name: empty, template: template.yaml, constraint: constraint.yaml}
  - {name: another day, skip: true, template: nowhere.yaml}
",
    ),
];

/// Tables of cases: for a policy in the binary, for one beside them, and such that cannot be used.
pub const TABLES: &[(&str, &str)] = &[
    (
        "tables/emptydir.yaml",
        "policy: MT1009
cases:
  - name: passes
    kind: Pod
    object: {apiVersion: v1, kind: Pod, spec: {volumes: [{name: a, emptyDir: {sizeLimit: 1M}}]}}
    violations: []
  - name: has others
    object: {apiVersion: v1, kind: Pod, spec: {volumes: [{name: a, emptyDir: {}}, {name: b, emptyDir: {}}]}}
    violations:
      - '[FAIL] MED - Size limit of emptyDir volume \"a\" is not set (MT1009)'
      - '[FAIL] MED - Size limit of emptyDir volume \"c\" is not set (MT1009)'
  - name: applies
    object: {apiVersion: v1, kind: Pod}
    matches: false
  - name: does not apply
    object: {apiVersion: v1, kind: Secret}
  - name: misspelt
    objekt: {}
",
    ),
    (
        "tables/own.yaml",
        "policy: ./own.rego
cases:
  - name: a deletion
    operation: DELETE
    oldObject: {apiVersion: v1, kind: Pod, metadata: {name: web}}
    violations: [DELETE of web]
  - name: an update
    operation: UPDATE
    object: {apiVersion: v1, kind: Pod, metadata: {name: web}}
    oldObject: {apiVersion: v1, kind: Pod, metadata: {name: web}}
    data: {quiet: {UPDATE: true}}
    violations: []
",
    ),
    (
        "tables/own.rego",
        "package own

import rego.v1

deny contains sprintf(\"%s of %s\", [input.request.operation, input.request.object.metadata.name]) if {
	not data.quiet[input.request.operation]
}
",
    ),
    ("tables/nobody.yaml", "policy: nobody\ncases: [{name: a, object: {}}]\n"),
    ("tables/shape.yaml", "policy: nobody\ncases: {a: 1}\n"),
];

/// What `magtape test rego gatekeeper tables` says of all of them, up to the time that it took.
pub const TEXT: &str = "\
ERROR rego/labels_test.rego  1 passed, 1 failed, 1 error, 1 skipped
  FAIL  data.labels_test.test_limit  rego/labels_test.rego:10:2
        `data.limits.length == 4` does not hold
        | the limit is 3
  ERROR data.labels_test.test_conflict  rego/labels_test.rego:15
        rego/labels_test.rego:19: eval_conflict_error: rule data.labels_test.number produced conflicting values:
          1 at rego/labels_test.rego:17
          2 at rego/labels_test.rego:19
ERROR gatekeeper/suite.yaml  3 passed, 2 failed, 8 errors, 2 skipped
  FAIL  owners/labels/wrong count
        assertion 2: found 2 violations, want exactly 1
        assertion 3: found 1 violation of \"label\", want none
        the messages were:
          is alone
          no label <owner>
  ERROR owners/labels/nowhere
        gatekeeper/nowhere.yaml: cannot be opened: No such file or directory (os error 2)
  ERROR owners/labels/two objects
        gatekeeper/two.yaml: holds 2 objects, not one
  ERROR owners/labels/nothing said
        has no assertions
  ERROR owners/labels/misspelt
        unknown field `assertion`, expected one of `name`, `object`, `inventory`, `assertions`, `skip`
  FAIL  owners/not refused
        gatekeeper/constraint.yaml, document 1: is valid, and the test says that it is not
  ERROR owners/wrong
        gatekeeper/wrong.yaml, document 1: its parameters are not what the template k8sowner wants: spec.parameters.label: must be a string, is the number 1
  ERROR owners/nothing named
        names no template
  ERROR owners/expanded
        has an expansion, which is not supported
  ERROR owners/empty
        has no cases
ERROR tables/emptydir.yaml  1 passed, 3 failed, 1 error
  FAIL  MT1009/has others
        the violations differ (- expected, + found):
          [FAIL] MED - Size limit of emptyDir volume \"a\" is not set (MT1009)
        + [FAIL] MED - Size limit of emptyDir volume \"b\" is not set (MT1009)
        - [FAIL] MED - Size limit of emptyDir volume \"c\" is not set (MT1009)
  FAIL  MT1009/applies
        the policy applies to this request, and the case says that it does not
  FAIL  MT1009/does not apply
        the policy does not apply to this request, and the case says that it does
  ERROR MT1009/misspelt
        unknown field `objekt`, expected one of `name`, `kind`, `object`, `oldObject`, `operation`, `data`, `parameters`, `matches`, `violations`
PASS  tables/own.yaml  2 passed
ERROR tables/nobody.yaml: no policy \"nobody\" is loaded; --policies names others, and so does a path
ERROR tables/shape.yaml: is no table of cases: invalid type: map, expected a sequence

26 tests in 4 files: 7 passed, 6 failed, 12 errors, 3 skipped";
