/** Does what may fail for a while, so often at most, with a pause in milliseconds between two tries. Raises what the last one raised. */
export async function patiently(
  act: () => Promise<unknown>,
  { tries, againMs }: { readonly tries: number; readonly againMs: number },
): Promise<void> {
  for (let left = tries; ; left -= 1) {
    try {
      await act();
      return;
    } catch (error) {
      if (left === 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }
}
