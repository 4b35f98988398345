/**
 * What makes a host give memory back, in its environment from the start: nothing can set it later.
 *
 * - glibc keeps an arena for each thread, and after the first large block is freed it keeps further ones of that size
 *   too, such as the 19 MiB of each password that is checked. One arena and fixed thresholds leave 1,000 open streams
 *   at three quarters of the memory. Source: mallopt(3).
 * - V8's young generation grows to 3 × 16 MiB under load and never shrinks while there is work. A half is enough: what
 *   a stream leaves behind dies young. Source: `node --v8-options`.
 *
 * The image says the same (infra/Dockerfile).
 */
export const memorySettings = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
  NODE_OPTIONS: '--max-semi-space-size=8',
} as const
