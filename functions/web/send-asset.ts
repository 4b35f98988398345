import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { bytes, type Operation, operation } from '../../core/http/operation.ts'
import { readAsset } from '../../core/pages/assets.ts'

/** Serves what Caddy serves where there is one: on Lambda, and for one handler alone. Names carry a content hash. */
export function sendAsset(): Operation {
  return operation({
    method: 'GET',
    url: '/assets/:file',
    access: 'public',
    summary: 'A script, stylesheet or picture of the pages',
    schema: { params: z.object({ file: z.string().max(200) }), response: { 200: z.string() } },
    async handle({ params: { file } }) {
      const asset = await readAsset(file)
      if (asset === undefined) throw new OortError('ROUTE_NOT_FOUND')
      return bytes(200, asset.contentType, asset.body, { 'cache-control': 'public, max-age=31536000, immutable' })
    },
  })
}
