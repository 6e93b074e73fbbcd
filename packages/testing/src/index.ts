export { postgresMajor } from './postgres-major.ts'
export { createTestDatabase, type TestDatabase } from './test-database.ts'
