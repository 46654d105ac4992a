type Upper<S extends string> = Uppercase<S>;

export const upper = <S extends string>(word: S): Upper<S> => word.toUpperCase() as Upper<S>;

/** E.164 without its plus: how this edition shows phones. */
export const digits = (phone: string | null): string | null => phone?.replace(/^\+/, '') ?? null;
