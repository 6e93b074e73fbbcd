/**
 * Version of the device's database: of these entities, and of the tables beside them that the
 * packages keep. It grows whenever a column, a type or an entity changes, so that a tab of an
 * older app notices that a newer one has opened the database, and stops. `version.test.ts` fails
 * when it was forgotten.
 */
export const schemaVersion = 4
