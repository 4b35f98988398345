/** Gives the person a text as a file, under `name`. */
export function saveFile(name: string, text: string, type = 'text/plain'): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  download(address, name)
  // The browser has read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** Has the browser save what stands at an address, under the name that the answer gives it unless told. */
export function download(address: string, name = ''): void {
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
}
