/** What AWS hands to a function whose URL a stranger asks for a path, payload 2.0. Source: AWS Lambda, "Function URLs". */
export function urlEvent(path: string) {
  return {
    version: '2.0',
    rawPath: path,
    rawQueryString: '',
    headers: { host: 'localhost' },
    requestContext: { http: { method: 'GET', path, sourceIp: '127.0.0.1' } },
    isBase64Encoded: false,
  }
}
