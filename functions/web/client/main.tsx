import { render } from 'preact'
import { App, preload } from './app.tsx'
import { isServed } from './served.tsx'

// A document that says something itself is read while its script is on its way.
if (isServed) await preload(location.pathname)
const root = document.getElementById('app')
root?.replaceChildren()
if (root !== null) render(<App />, root)
