import type { ComponentType } from 'react'
import {
  Baby,
  Banknote,
  Bike,
  BookOpen,
  BriefcaseBusiness,
  Bus,
  CakeSlice,
  Car,
  CircleDollarSign,
  Coffee,
  CreditCard,
  Dumbbell,
  Film,
  Fuel,
  Gamepad2,
  Gift,
  GraduationCap,
  HandCoins,
  HeartPulse,
  House,
  Landmark,
  Lightbulb,
  Music,
  PawPrint,
  PiggyBank,
  Pill,
  Plane,
  Receipt,
  Repeat,
  Scissors,
  Shirt,
  ShieldCheck,
  ShoppingBag,
  ShoppingBasket,
  ShoppingCart,
  Smartphone,
  Sofa,
  Sprout,
  Tag,
  Ticket,
  TrainFront,
  TrendingUp,
  Utensils,
  Wallet,
  Wifi,
  Wrench,
} from 'lucide-react'
import { cx } from './cx.ts'

/** Hues by the name that is stored; `stone` is the neutral one. */
export const hues = [
  'rust',
  'amber',
  'olive',
  'moss',
  'spruce',
  'lagoon',
  'sky',
  'iris',
  'plum',
  'rose',
  'stone',
] as const
export type Hue = (typeof hues)[number]

const icons = {
  tag: Tag,
  basket: ShoppingBasket,
  cart: ShoppingCart,
  bag: ShoppingBag,
  utensils: Utensils,
  coffee: Coffee,
  cake: CakeSlice,
  house: House,
  sofa: Sofa,
  bulb: Lightbulb,
  wifi: Wifi,
  phone: Smartphone,
  wrench: Wrench,
  car: Car,
  fuel: Fuel,
  bus: Bus,
  train: TrainFront,
  bike: Bike,
  plane: Plane,
  health: HeartPulse,
  pill: Pill,
  sport: Dumbbell,
  scissors: Scissors,
  shirt: Shirt,
  film: Film,
  music: Music,
  game: Gamepad2,
  book: BookOpen,
  ticket: Ticket,
  school: GraduationCap,
  baby: Baby,
  pet: PawPrint,
  plant: Sprout,
  gift: Gift,
  repeat: Repeat,
  receipt: Receipt,
  shield: ShieldCheck,
  briefcase: BriefcaseBusiness,
  coins: HandCoins,
  dollar: CircleDollarSign,
  trend: TrendingUp,
  bank: Landmark,
  card: CreditCard,
  cash: Banknote,
  wallet: Wallet,
  piggy: PiggyBank,
} as const satisfies Record<string, ComponentType<{ className?: string }>>

/** Names that may be stored as a category's icon. */
export type IconName = keyof typeof icons
export const iconNames = Object.keys(icons) as IconName[]

const sizes = {
  sm: 'size-7 rounded-sm [&_svg]:size-4',
  md: 'size-10 rounded-md [&_svg]:size-5',
  lg: 'size-13 rounded-lg [&_svg]:size-6',
}

/** A category's or an account's picture. An unknown name, from a newer version, is shown as a tag. */
export function IconTile({
  icon,
  colour,
  size = 'md',
  className,
}: {
  icon: string | null
  colour: string | null
  size?: keyof typeof sizes
  className?: string
}) {
  const Icon = icon !== null && Object.hasOwn(icons, icon) ? icons[icon as IconName] : Tag
  return (
    <span
      aria-hidden
      data-hue={toHue(colour)}
      className={cx('tile grid shrink-0 place-items-center', sizes[size], className)}
    >
      <Icon />
    </span>
  )
}

/** A dot in a hue, for a swatch or a legend. */
export function HueDot({ colour, className }: { colour: string | null; className?: string }) {
  return (
    <span
      aria-hidden
      data-hue={toHue(colour)}
      className={cx('tile-dot inline-block shrink-0 rounded-full', className ?? 'size-2.5')}
    />
  )
}

function toHue(colour: string | null): Hue {
  return hues.find((hue) => hue === colour) ?? 'stone'
}
