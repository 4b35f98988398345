const ring = [
  [27.5, 16, 1.7],
  [24.1, 24.1, 1.35],
  [16, 27.5, 1.7],
  [7.9, 24.1, 1.35],
  [4.5, 16, 1.7],
  [7.9, 7.9, 1.35],
  [16, 4.5, 1.7],
  [24.1, 7.9, 1.35],
] as const

/** Oort's mark: a sun and the cloud around it. The word beside it names it. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <circle cx="16" cy="16" r="4.6" />
      {ring.map(([cx, cy, r]) => (
        <circle key={`${cx} ${cy}`} cx={cx} cy={cy} r={r} />
      ))}
    </svg>
  )
}
