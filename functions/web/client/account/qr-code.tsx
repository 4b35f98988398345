import encodeQr from 'qr'

/** Modules of quiet around the symbol. Source: ISO/IEC 18004, section 9.1. */
const quiet = 4

/**
 * A text as a QR code, dark on light in both themes: readers do not all take the inverse. A screen has no dirt to correct,
 * and fewer modules are larger ones.
 */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const rows = encodeQr(text, 'raw', { border: quiet, ecc: 'low' })
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg class="qr" viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={label}>
      <path d={path} shape-rendering="crispEdges" />
    </svg>
  )
}
