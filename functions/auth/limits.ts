const minute = 60
const hour = 60 * minute

/** Tries of one address, over all accounts: of the operations that anyone may call. */
export const byAddress = {
  signIn: { calls: 100, perSeconds: 15 * minute },
  mail: { calls: 20, perSeconds: hour },
  link: { calls: 30, perSeconds: 15 * minute },
} as const

/**
 * Tries at one account. They are counted before a password is hashed, by an index that exists for unknown accounts too,
 * and a success gives none back. The first is strict; the second, over all addresses, is wide: one address alone
 * cannot shut the owner out. A password that our policy lets pass survives 2,400 guesses a day.
 */
export const byAccount = {
  signInFromAddress: { name: 'sign-in of an account from an address', calls: 10, perSeconds: 15 * minute },
  signIn: { name: 'sign-in of an account', calls: 100, perSeconds: hour },
  /** Passwords given by somebody who is signed in, or who holds a link. */
  proof: { name: 'proof of an account', calls: 10, perSeconds: 15 * minute },
  /** Three codes of a million are right at a time: a day of tries finds one with a chance of 1 in 1,400. */
  secondFactor: { name: 'second factor of an account', calls: 10, perSeconds: hour },
  mail: { name: 'mail to an account', calls: 5, perSeconds: hour },
} as const

/**
 * Sign-ins with one passkey, counted by the hash of its id, which exists for unknown ones too. They bound what checking
 * signatures costs: none is ever guessed.
 */
export const byPasskey = {
  signInFromAddress: { name: 'sign-in with a passkey from an address', calls: 10, perSeconds: 15 * minute },
  signIn: { name: 'sign-in with a passkey', calls: 100, perSeconds: hour },
} as const
