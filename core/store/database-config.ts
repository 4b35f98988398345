/**
 * The address of the PostgreSQL database, or undefined for SQLite's file. In production the address says how the
 * connection is protected: `sslmode=verify-full`, or `sslmode=disable` where nobody else is on the way, such as within one
 * host. What is left to a driver's own choice is nobody's decision. Complaints name no part of the address, which holds
 * a password. Source: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 */
export function readDatabaseConfig(
  url: string | undefined,
  production: boolean,
  complain: (problem: string) => void,
): string | undefined {
  if (url === undefined) return undefined
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    complain('DATABASE_URL must begin with postgres:// and be an address')
    return undefined
  }
  const mode = new URL(url).searchParams.get('sslmode')
  if (production && mode !== 'verify-full' && mode !== 'disable') {
    complain('DATABASE_URL must say sslmode=verify-full, or sslmode=disable where nobody else is on the way')
  }
  return url
}
