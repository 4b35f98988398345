// A classic script in the head, before the first paint: a remembered theme never flashes the other one.
{
  const remembered = localStorage.getItem('oort-theme')
  if (remembered === 'light' || remembered === 'dark') document.documentElement.dataset['theme'] = remembered
}
