const size = 480
const centre = size / 2

interface Body {
  readonly x: number
  readonly y: number
  readonly r: number
  readonly faint: number
}

/** Sunflower spacing: each body turned by the golden angle from the last, so that none line up. */
const goldenAngle = Math.PI * (3 - Math.sqrt(5))
const bodies: readonly Body[] = Array.from({ length: 210 }, (_, at) => {
  const outward = Math.sqrt((at + 34) / 244)
  const angle = at * goldenAngle
  const radius = outward * (centre - 8)
  return {
    x: centre + radius * Math.cos(angle),
    y: centre + radius * Math.sin(angle),
    r: 1 + 2.4 * Math.abs(Math.sin(at * 1.7)) * outward,
    faint: 0.25 + 0.75 * Math.abs(Math.cos(at * 2.3)),
  }
})

/** The cloud of comets around a sun. A picture alone: it says nothing that the text does not. */
export function Cloud() {
  return (
    <svg class="cloud" viewBox={`0 0 ${size} ${size}`} aria-hidden="true">
      <circle class="sun" cx={centre} cy={centre} r="26" />
      <circle class="orbit" cx={centre} cy={centre} r="62" />
      <g class="turning">
        {bodies.map(({ x, y, r, faint }) => (
          <circle key={`${x}`} cx={x.toFixed(1)} cy={y.toFixed(1)} r={r.toFixed(2)} opacity={faint.toFixed(2)} />
        ))}
      </g>
    </svg>
  )
}
