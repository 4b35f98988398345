/** The version of this Oort, that of package.json. */
export const version = '0.1.0'
