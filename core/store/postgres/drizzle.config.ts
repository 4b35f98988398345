import { defineConfig } from 'drizzle-kit'

/** Read by `npm run migration` alone: writes the SQL of a schema change into core/store/migrations/postgres. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './core/store/postgres/tables.ts',
  out: './core/store/migrations/postgres',
  casing: 'snake_case',
})
