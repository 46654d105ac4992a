/** A refusal in Evolution's form: `{ status, error, response: { message } }`. */
export class EvolutionError extends Error {
  readonly status: number;
  readonly error: string;
  /** A list, except where Evolution has a plain text. */
  readonly said: unknown;
  constructor(status: number, error: string, said: unknown) {
    super(error);
    this.status = status;
    this.error = error;
    this.said = said;
  }
}

export const badRequest = (...said: unknown[]) => new EvolutionError(400, 'Bad Request', said);
export const notFound = (said: string) => new EvolutionError(404, 'Not Found', [said]);
export const forbidden = (said: string) => new EvolutionError(403, 'Forbidden', [said]);
export const unauthorized = () => new EvolutionError(401, 'Unauthorized', 'Unauthorized');
export const serverError = (said: unknown) => new EvolutionError(500, 'Internal Server Error', said);

export const evolutionErrorBody = ({ status, error, said }: EvolutionError) => ({
  status,
  error,
  response: { message: said },
});
