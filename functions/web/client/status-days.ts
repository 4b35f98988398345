/**
 * Lets one go along the bars of a component day by day, with the pointer, a finger or the arrow keys: a slider lies over
 * them, and the day stands beneath, where it hides nothing. Source: ARIA Authoring Practices, "Slider".
 */
export function walkDays(days: HTMLElement): void {
  if (days.querySelector('input') !== null) return
  const bars = [...days.querySelectorAll<HTMLElement>('.bars > i')]
  const last = bars.length - 1
  const slider = document.createElement('input')
  Object.assign(slider, { type: 'range', min: '0', max: String(last), value: String(last) })
  slider.setAttribute('aria-label', `${days.dataset['of']}, day by day`)
  const shown = document.createElement('p')
  shown.className = 'day-shown'
  // The slider says the same.
  shown.setAttribute('aria-hidden', 'true')

  const show = () => {
    const at = Number(slider.value)
    const text = bars[at]?.title ?? ''
    slider.setAttribute('aria-valuetext', text)
    shown.textContent = text
    for (const [each, bar] of bars.entries()) bar.toggleAttribute('data-shown', each === at)
  }
  const hide = () => {
    shown.textContent = ''
    for (const bar of bars) bar.removeAttribute('data-shown')
  }
  slider.setAttribute('aria-valuetext', bars[last]?.title ?? '')
  slider.addEventListener('input', show)
  slider.addEventListener('focus', show)
  slider.addEventListener('blur', hide)
  slider.addEventListener('pointermove', ({ clientX }) => {
    const { left, width } = slider.getBoundingClientRect()
    slider.value = String(Math.min(last, Math.floor(((clientX - left) / width) * bars.length)))
    show()
  })
  slider.addEventListener('pointerleave', () => {
    if (document.activeElement !== slider) hide()
  })
  slider.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') hide()
  })
  days.append(slider, shown)
}
