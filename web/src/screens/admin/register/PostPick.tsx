import type { Post } from "@schema";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fits } from "@/screens/admin/parts/filter";
import { SearchPick } from "@/screens/admin/parts/SearchPick";

const SHOWN = 12;

export interface PostPickProps {
  posts: readonly Post[];
  value: number;
  onChange: (id: number) => void;
  error?: string;
  onBlur?: () => void;
}

export function PostPick({ posts, value, onChange, error, onBlur }: PostPickProps) {
  const { t } = useTranslation("admin");
  const [query, setQuery] = useState("");
  const chosen = posts.find((post) => post.id === value);
  const options = posts
    .filter((post) => fits(`${post.code} ${post.name} ${post.district_name ?? ""}`, query))
    .slice(0, SHOWN)
    .map((post) => ({
      id: String(post.id),
      text: post.name || post.code,
      detail: `${post.code} ${post.district_name ?? ""}`,
    }));
  return (
    <SearchPick
      label={t("field.post")}
      chosen={chosen ? chosen.name || chosen.code : ""}
      query={query}
      onQuery={setQuery}
      options={options}
      onPick={(id) => onChange(Number(id))}
      none={posts.length === 0 ? t("post.none") : t("noMatch")}
      placeholder={t("unit.postPlaceholder")}
      error={error}
      onBlur={onBlur}
    />
  );
}
