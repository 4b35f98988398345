import { holdCaddyfile } from './hold-caddyfile.ts'

// Debian 12's own, 2.6.2: the oldest that the Caddyfile is written for.
holdCaddyfile('caddy')
