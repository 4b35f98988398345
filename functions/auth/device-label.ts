/** First match wins: Edge and Opera also call themselves Chrome, and Chrome also calls itself Safari. */
const browsers = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const

const systems = [
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
] as const

/**
 * A few words by which people know their own device in the list of sessions, such as "Firefox on Linux". Made of our
 * words alone: nothing that a client wrote into its User-Agent comes out.
 */
export function deviceLabel(userAgent: string | undefined): string {
  const known = (userAgent ?? '').slice(0, 512)
  const browser = browsers.find(([pattern]) => pattern.test(known))?.[1]
  const system = systems.find(([pattern]) => pattern.test(known))?.[1]
  if (browser === undefined) return system === undefined ? 'Unknown device' : `Unknown browser on ${system}`
  return system === undefined ? browser : `${browser} on ${system}`
}
