/** OWASP's second choice for Argon2id: 19 MiB, two passes, one lane. */
export const ARGON = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * What the hashing process is asked: to hash a password, or with a stored hash whether it is right.
 */
export interface HashingTask {
  id: number;
  password: string;
  stored: string | null;
}

/** What it answers, with one of the three. */
export interface HashingAnswer {
  id: number;
  hash?: string;
  right?: boolean;
  error?: string;
}
