/** An answer in the shape of Stripe's errors. Source: https://docs.stripe.com/api/errors */
export class Refusal extends Error {
  readonly status: number
  readonly error: Readonly<Record<string, unknown>>

  constructor(status: number, error: Readonly<Record<string, unknown>> & { readonly message: string }) {
    super(error.message)
    this.status = status
    this.error = { type: 'invalid_request_error', ...error }
  }
}

export function missing(kind: string, id: string, param: string): Refusal {
  return new Refusal(404, { code: 'resource_missing', message: `No such ${kind}: '${id}'`, param })
}

export function absent(param: string): Refusal {
  return new Refusal(400, { code: 'parameter_missing', message: `Missing required param: ${param}.`, param })
}
