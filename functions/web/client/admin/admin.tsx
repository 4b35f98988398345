import { render } from 'preact'
import { AdminApp } from './admin-app.tsx'

const root = document.getElementById('app')
if (root !== null) render(<AdminApp />, root)
