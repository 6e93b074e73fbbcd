import { useState } from 'react'
import { Archive, EllipsisVertical, Pencil, Plus, Shapes, Trash2, Undo2 } from 'lucide-react'
import { useEditLink } from '../../data/edit-link.ts'
import {
  hasArrived,
  useCategories,
  useWorkspaceSettings,
  type Category,
  type FlowKind,
} from '../../data/records.ts'
import { useDatabase, useWorkspaceId } from '../../data/session-context.tsx'
import { countText } from '../../platform/locale.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { IconTile } from '../../ui/icon-tile.tsx'
import { keepFocusInList } from '../../ui/list-focus.ts'
import { Menu, type MenuAction } from '../../ui/menu.tsx'
import { Page, PageHeader, Section } from '../../ui/page.tsx'
import { Skeleton } from '../../ui/progress.tsx'
import { Card, EmptyState } from '../../ui/surface.tsx'
import { useToast } from '../../ui/toast.tsx'
import { CategoryDialog } from './category-dialog.tsx'
import { archiveCategory, deleteCategory } from './commands.ts'

type Editing = { readonly category: Category | null; readonly kind: FlowKind } | null

const kinds = [
  { id: 'expense', title: 'Expenses' },
  { id: 'income', title: 'Income' },
] as const

/** What money is spent on and comes from. */
export function CategoriesScreen() {
  const categories = useCategories()
  const settings = useWorkspaceSettings()
  const [chosen, setEditing] = useState<Editing>(null)
  const [linkedId, closeLink] = useEditLink()
  const linked = categories.byId.get(linkedId ?? '')
  const editing = chosen ?? (linked === undefined ? null : { category: linked, kind: linked.kind })
  const actionsOf = useCategoryActions(setEditing)
  const archived = categories.list.filter((category) => category.archivedAt !== null)
  const isHere = hasArrived(categories, settings)

  return (
    <Page>
      <PageHeader
        title="Categories"
        actions={
          <Button
            icon={<Plus className="size-4.5" aria-hidden />}
            onPress={() => setEditing({ category: null, kind: 'expense' })}
          >
            Add category
          </Button>
        }
      />
      {categories.isLoading || !isHere ? (
        <Card className="h-64">
          <Skeleton className="h-5 w-52" />
        </Card>
      ) : (
        <>
          {kinds.map(({ id, title }) => (
            <Section key={id} title={title}>
              <CategoryList
                label={title}
                categories={categories.list.filter(
                  (category) => category.kind === id && category.archivedAt === null,
                )}
                actionsOf={actionsOf}
                onEdit={(category) => setEditing({ category, kind: id })}
                onAdd={() => setEditing({ category: null, kind: id })}
              />
            </Section>
          ))}
          {archived.length > 0 && (
            <Section title="Archived">
              <CategoryList
                label="Archived categories"
                categories={archived}
                actionsOf={actionsOf}
                onEdit={(category) => setEditing({ category, kind: category.kind })}
              />
            </Section>
          )}
        </>
      )}
      {editing !== null && (
        <CategoryDialog
          category={editing.category}
          kind={editing.kind}
          categories={categories.list}
          onClose={() => {
            setEditing(null)
            closeLink()
          }}
        />
      )}
    </Page>
  )
}

function CategoryList({
  label,
  categories,
  actionsOf,
  onEdit,
  onAdd,
}: {
  label: string
  categories: readonly Category[]
  actionsOf: (category: Category) => readonly MenuAction[]
  onEdit: (category: Category) => void
  onAdd?: () => void
}) {
  if (categories.length === 0 && onAdd !== undefined) {
    return (
      <Card>
        <EmptyState
          icon={<Shapes aria-hidden />}
          title="None yet"
          action={<Button onPress={onAdd}>{`Add the first of ${label.toLowerCase()}`}</Button>}
        />
      </Card>
    )
  }
  return (
    <Card flush>
      <ul aria-label={label} className="grid tab:grid-cols-2">
        {categories.map((category) => (
          <li
            key={category.id}
            ref={keepFocusInList}
            className="relative flex items-center gap-3 border-b border-line py-1.5 pr-1 pl-4 hover:bg-hover tab:odd:border-r"
          >
            <IconTile icon={category.icon} colour={category.colour} />
            <button
              type="button"
              aria-label={`Edit ${category.name}`}
              onClick={() => onEdit(category)}
              className="min-w-0 grow cursor-pointer truncate py-2 text-left font-medium outline-offset-0 after:absolute after:inset-0"
            >
              {category.name}
            </button>
            <div className="relative z-1">
              <Menu label={`Actions for ${category.name}`} actions={actionsOf(category)}>
                <IconButton
                  label={`Actions for ${category.name}`}
                  icon={<EllipsisVertical className="size-5" aria-hidden />}
                />
              </Menu>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function useCategoryActions(
  onEdit: (editing: Editing) => void,
): (category: Category) => readonly MenuAction[] {
  const database = useDatabase()
  const workspaceId = useWorkspaceId()
  const toast = useToast()
  const setArchived = async (category: Category, archivedAt: number | null) => {
    await archiveCategory(database, category.id, archivedAt)
    toast({
      title: archivedAt === null ? 'Category restored' : 'Category archived',
      action: {
        label: 'Undo',
        onAction: () => void archiveCategory(database, category.id, category.archivedAt),
      },
    })
  }
  const remove = async (category: Category) => {
    const deleted = await deleteCategory(database, workspaceId, category.id)
    if (deleted.ok) {
      toast({ title: 'Category deleted', detail: category.name })
      return
    }
    const { transactions } = deleted.error
    toast({
      title: `${category.name} is used by ${countText(transactions)} ${transactions === 1 ? 'transaction' : 'transactions'}`,
      detail: 'Archive it instead: it is no longer offered, and its history stays.',
      tone: 'problem',
      action: { label: 'Archive', onAction: () => void setArchived(category, Date.now()) },
    })
  }
  return (category) => [
    {
      id: 'edit',
      label: 'Edit',
      icon: <Pencil />,
      onAction: () => onEdit({ category, kind: category.kind }),
    },
    category.archivedAt === null
      ? {
          id: 'archive',
          label: 'Archive',
          icon: <Archive />,
          onAction: () => void setArchived(category, Date.now()),
        }
      : {
          id: 'restore',
          label: 'Restore',
          icon: <Undo2 />,
          onAction: () => void setArchived(category, null),
        },
    {
      id: 'delete',
      label: 'Delete',
      icon: <Trash2 />,
      tone: 'danger',
      onAction: () => void remove(category),
    },
  ]
}
