/** A first program with an API key of this Oort, which the variable OORT_API_KEY holds. */
export function firstSteps(
  origin: string,
): readonly { readonly id: string; readonly title: string; readonly code: string }[] {
  const baseUrl = `${origin}/v1`
  return [
    {
      id: 'curl',
      title: 'curl',
      code: `curl ${baseUrl}/models \\
  -H "authorization: Bearer $OORT_API_KEY"
`,
    },
    {
      id: 'python',
      title: 'Python',
      code: `import os
from openai import OpenAI

client = OpenAI(base_url="${baseUrl}", api_key=os.environ["OORT_API_KEY"])
for model in client.models.list():
    print(model.id)
`,
    },
    {
      id: 'typescript',
      title: 'TypeScript',
      code: `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: '${baseUrl}', apiKey: process.env.OORT_API_KEY })
for await (const { id } of client.models.list()) console.log(id)
`,
    },
  ]
}
