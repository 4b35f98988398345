import { defineConfig } from 'drizzle-kit'

/** Read by `npm run migration` alone: writes the SQL of a schema change into core/store/migrations/sqlite. */
export default defineConfig({
  dialect: 'sqlite',
  schema: './core/store/schema.ts',
  out: './core/store/migrations/sqlite',
  casing: 'snake_case',
})
