;; Has ten instances of a component that has ten instances of another, and so on: ten billion modules in all.
(around
(component $c10
(component $c9
(component $c8
(component $c7
(component $c6
(component $c5
(component $c4
(component $c3
(component $c2
(component $c1
(component $c0 (core module $small (func (export "nothing"))) (core instance (instantiate $small)))
  (instance (instantiate $c0)) (instance (instantiate $c0)) (instance (instantiate $c0))
  (instance (instantiate $c0)) (instance (instantiate $c0)) (instance (instantiate $c0))
  (instance (instantiate $c0)) (instance (instantiate $c0)) (instance (instantiate $c0))
  (instance (instantiate $c0)))
  (instance (instantiate $c1)) (instance (instantiate $c1)) (instance (instantiate $c1))
  (instance (instantiate $c1)) (instance (instantiate $c1)) (instance (instantiate $c1))
  (instance (instantiate $c1)) (instance (instantiate $c1)) (instance (instantiate $c1))
  (instance (instantiate $c1)))
  (instance (instantiate $c2)) (instance (instantiate $c2)) (instance (instantiate $c2))
  (instance (instantiate $c2)) (instance (instantiate $c2)) (instance (instantiate $c2))
  (instance (instantiate $c2)) (instance (instantiate $c2)) (instance (instantiate $c2))
  (instance (instantiate $c2)))
  (instance (instantiate $c3)) (instance (instantiate $c3)) (instance (instantiate $c3))
  (instance (instantiate $c3)) (instance (instantiate $c3)) (instance (instantiate $c3))
  (instance (instantiate $c3)) (instance (instantiate $c3)) (instance (instantiate $c3))
  (instance (instantiate $c3)))
  (instance (instantiate $c4)) (instance (instantiate $c4)) (instance (instantiate $c4))
  (instance (instantiate $c4)) (instance (instantiate $c4)) (instance (instantiate $c4))
  (instance (instantiate $c4)) (instance (instantiate $c4)) (instance (instantiate $c4))
  (instance (instantiate $c4)))
  (instance (instantiate $c5)) (instance (instantiate $c5)) (instance (instantiate $c5))
  (instance (instantiate $c5)) (instance (instantiate $c5)) (instance (instantiate $c5))
  (instance (instantiate $c5)) (instance (instantiate $c5)) (instance (instantiate $c5))
  (instance (instantiate $c5)))
  (instance (instantiate $c6)) (instance (instantiate $c6)) (instance (instantiate $c6))
  (instance (instantiate $c6)) (instance (instantiate $c6)) (instance (instantiate $c6))
  (instance (instantiate $c6)) (instance (instantiate $c6)) (instance (instantiate $c6))
  (instance (instantiate $c6)))
  (instance (instantiate $c7)) (instance (instantiate $c7)) (instance (instantiate $c7))
  (instance (instantiate $c7)) (instance (instantiate $c7)) (instance (instantiate $c7))
  (instance (instantiate $c7)) (instance (instantiate $c7)) (instance (instantiate $c7))
  (instance (instantiate $c7)))
  (instance (instantiate $c8)) (instance (instantiate $c8)) (instance (instantiate $c8))
  (instance (instantiate $c8)) (instance (instantiate $c8)) (instance (instantiate $c8))
  (instance (instantiate $c8)) (instance (instantiate $c8)) (instance (instantiate $c8))
  (instance (instantiate $c8)))
  (instance (instantiate $c9)) (instance (instantiate $c9)) (instance (instantiate $c9))
  (instance (instantiate $c9)) (instance (instantiate $c9)) (instance (instantiate $c9))
  (instance (instantiate $c9)) (instance (instantiate $c9)) (instance (instantiate $c9))
  (instance (instantiate $c9)))
(instance (instantiate $c10)))
