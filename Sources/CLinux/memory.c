#define _GNU_SOURCE
#include "CLinux.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>

static int forget_segments(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    uintptr_t page = (uintptr_t)getpagesize();
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        // Only code: what can be written, or was while it was relocated, would be lost.
        if (segment->p_type != PT_LOAD || segment->p_flags != (PF_R | PF_X)) continue;
        uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        uintptr_t first = (start + page - 1) & ~(page - 1);
        uintptr_t end = (start + segment->p_memsz) & ~(page - 1);
        if (first < end) madvise((void *)first, end - first, MADV_DONTNEED);
    }
    return 0;
}

void hl_forget_code(void) { dl_iterate_phdr(forget_segments, NULL); }

void hl_return_large_blocks(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    // What is free at the end of a heap: as much is kept, so that small requests ask for no memory.
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}
