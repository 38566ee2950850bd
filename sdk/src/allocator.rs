//! The allocator of a component: memory is handed out in order and never given back, because an evaluation ends with its
//! memory after some microseconds. The newest block alone can grow in place and be taken back, which is what strings and
//! vectors that are being built need. It is a third of the size of std's, and every evaluation touches less memory.
//! docs/adr/0012-rust-policies.md has the figures.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::{
    alloc::{GlobalAlloc, Layout},
    arch::wasm32::{memory_grow, memory_size},
    cell::Cell,
    ptr,
};

const PAGE_BYTES: usize = 64 * 1024;

#[global_allocator]
static ALLOCATOR: Stack = Stack { next: Cell::new(0), end: Cell::new(0) };

unsafe extern "C" {
    /// Where the linker ends what it placed; only its address means something.
    static __heap_base: u8;
}

/// Addresses of the first free byte, and of the end of memory; 0 until the first allocation.
struct Stack {
    next: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: a component has one thread.
unsafe impl Sync for Stack {}

// === impl Stack ===

impl Stack {
    /// Makes everything up to `end` usable.
    fn reach(&self, end: usize) -> bool {
        if end <= self.end.get() {
            return true;
        }
        let pages = (end - self.end.get()).div_ceil(PAGE_BYTES);
        // What was grown before was grown here: nothing else grows memory.
        if memory_grow(0, pages) == usize::MAX {
            return false;
        }
        self.end.set(self.end.get() + pages * PAGE_BYTES);
        true
    }

    fn start(&self) {
        if self.next.get() == 0 {
            self.next.set(&raw const __heap_base as usize);
            self.end.set(memory_size(0) * PAGE_BYTES);
        }
    }

    fn is_newest(&self, block: *mut u8, layout: Layout) -> bool {
        block as usize + layout.size() == self.next.get()
    }
}

// SAFETY: blocks lie behind what the linker placed, within memory, aligned, and never overlap: `next` only goes back over
// the newest block, when that is given back or shrinks.
unsafe impl GlobalAlloc for Stack {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.start();
        let block = self.next.get().checked_next_multiple_of(layout.align());
        let Some((block, end)) = block.and_then(|block| Some((block, block.checked_add(layout.size())?)))
        else {
            return ptr::null_mut();
        };
        if !self.reach(end) {
            return ptr::null_mut();
        }
        self.next.set(end);
        block as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if self.is_newest(block, layout) {
            self.next.set(block as usize);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if self.is_newest(block, layout) {
            let Some(end) = (block as usize).checked_add(size) else { return ptr::null_mut() };
            if !self.reach(end) {
                return ptr::null_mut();
            }
            self.next.set(end);
            return block;
        }
        // SAFETY: the caller says that both are layouts, and that the block has the first.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
            }
            moved
        }
    }
}
