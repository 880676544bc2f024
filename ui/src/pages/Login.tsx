import { useState, type FormEvent } from "react";
import { useSearchParams } from "react-router";
import { ApiError } from "../api/client";
import { useLogin } from "../api/session";
import { Button } from "../ui/Button";
import { Logo } from "../ui/Icon";

export function Login() {
  const [params] = useSearchParams();
  const login = useLogin();
  const [user, setUser] = useState("admin");
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A fresh page load, so that nothing of another user's session is left in memory.
    login.mutate({ user, password }, { onSuccess: () => window.location.replace(landing(params.get("next"))) });
  };
  return (
    <main className="login">
      <form onSubmit={submit} aria-label="Log in">
        <div className="login-brand">
          <Logo size={30} />
          <h1>Oriel</h1>
        </div>
        <label className="field">
          <span>User</span>
          <input
            name="user"
            autoComplete="username"
            value={user}
            onChange={(event) => setUser(event.target.value)}
            required
          />
        </label>
        <label className="field">
          <span>Password</span>
          <input
            name="password"
            type="password"
            autoComplete="current-password"
            autoFocus
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            required
            aria-invalid={login.isError}
          />
        </label>
        {login.isError && (
          <p className="form-error" role="alert">
            {reason(login.error)}
          </p>
        )}
        <Button
          type="submit"
          tone="primary"
          busy={login.isPending || login.isSuccess}
          disabled={password === "" || user === ""}
        >
          {login.isPending || login.isSuccess ? "Logging in …" : "Log in"}
        </Button>
        <p className="dim login-hint">
          The first start prints the password and a one-time link where the server runs.{" "}
          <code>ORIEL_ADMIN_PASSWORD</code> sets another.
        </p>
      </form>
    </main>
  );
}

/** Only a path of ours: a link from outside must not lead elsewhere after the login. */
function landing(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/";
}

function reason(error: Error): string {
  if (error instanceof ApiError && error.status === 401) return "User or password is wrong.";
  if (error instanceof ApiError && error.status === 429)
    return `Too many attempts: wait ${error.retryAfterS ?? 60} s, then try again.`;
  return error.message;
}
