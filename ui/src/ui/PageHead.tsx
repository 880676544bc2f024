import { useEffect, type ReactNode } from "react";

interface Props {
  title: string;
  children?: ReactNode;
  /** Right of the title, before the actions: badges and counts. */
  aside?: ReactNode;
}

export function PageHead({ title, aside, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Oriel`;
  }, [title]);
  return (
    <header className="page-head">
      <h1 className="cut" title={title}>
        {title}
      </h1>
      {aside}
      <div className="grow" />
      {children}
    </header>
  );
}
